package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The far end of a data-plane port's veth pair becomes a port of a segment. */
@EnabledIf("dev.shadowplane.control.provision.netns.NetnsLab#isRoot")
class AttachmentTest {
  private static final String SEND =
      """
      import socket, sys
      s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
      s.bind((sys.argv[1], 0))
      for frame in sys.argv[2:]:
          s.send(bytes.fromhex(frame))
      """;

  private static final String RECEIVE =
      """
      import socket, sys
      s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
      s.bind((sys.argv[1], 0))
      s.settimeout(10)
      print('listening', flush=True)
      seen = 0
      while seen < int(sys.argv[2]):
          frame = s.recv(2048)
          if frame[12:14] == bytes.fromhex('88b5'):
              print(frame.hex(), flush=True)
              seen += 1
      """;

  private NetnsLab lab;
  private String near;
  private String far;

  @BeforeEach
  void makePair() throws Exception {
    lab = new NetnsLab();
    near = "pn" + lab.network;
    far = "pf" + lab.network;
    NetnsLab.onHost("ip", "link", "add", near, "type", "veth", "peer", far);
    Files.writeString(Path.of("/proc/sys/net/ipv6/conf", near, "disable_ipv6"), "1");
    NetnsLab.onHost("ip", "link", "set", near, "up");
  }

  @AfterEach
  void leaveNothing() throws Exception {
    lab.close();
    NetnsLab.onHost("ip", "link", "delete", near);
    assertThat(Path.of("/sys/class/net", near)).doesNotExist();
  }

  private NetworkItem attached() {
    return lab.network(new Attachment(far, "front"), false);
  }

  @Test
  void shouldMoveItInAndBackAgain() throws Exception {
    final NetnsDriver driver = lab.driver();
    lab.make(driver, attached());
    assertThat(Path.of("/sys/class/net", far)).doesNotExist();
    assertThat(lab.in("", "ethtool", "-k", far).output())
        .contains(
            "tx-checksumming: off",
            "tcp-segmentation-offload: off",
            "generic-receive-offload: off");
    // Once more is the same as once.
    lab.make(driver, attached());
    assertThat(driver.observe(lab.network)).allMatch(found -> found.deviations().isEmpty());
    lab.make(driver, lab.network(null, false));
    assertThat(NetnsLab.onHost("ip", "link", "show", far).output()).contains("state DOWN");
    lab.make(driver, attached());
    lab.delete(driver);
    assertThat(NetnsLab.onHost("ip", "link", "show", far).output()).contains("state DOWN");
  }

  @Test
  void shouldRefuseWhatTheHostUses() throws Exception {
    final NetnsDriver driver = lab.driver();
    final ItemKey key = lab.key(ItemKey.Kind.NETWORK, lab.network);
    NetnsLab.onHost("ip", "address", "add", "198.18.77.1/24", "dev", far);
    assertThat(lab.put(driver, attached()).get(key))
        .isEqualTo(
            "the host uses the interface "
                + far
                + ", which has the address 198.18.77.1: name another");
    NetnsLab.onHost("ip", "address", "flush", "dev", far);
    NetnsLab.onHost("ip", "link", "set", far, "up");
    NetnsLab.onHost("ip", "route", "add", "198.18.78.0/24", "dev", far);
    assertThat(lab.put(driver, attached()).get(key)).contains("has the route to 198.18.78.0/24");
    NetnsLab.onHost("ip", "route", "flush", "dev", far);
    final NetworkItem missing = lab.network(new Attachment("nosuch0", "front"), false);
    assertThat(lab.put(driver, missing).get(key)).startsWith("there is no interface nosuch0");
    for (final String uplink : defaultInterfaces()) {
      final NetworkItem host = lab.network(new Attachment(uplink, "front"), false);
      assertThat(lab.put(driver, host).get(key)).contains("the host uses the interface " + uplink);
    }
    assertThat(lab.leftovers())
        .as("no namespace was made")
        .noneMatch(line -> line.startsWith("/run"));
  }

  private static List<String> defaultInterfaces() throws Exception {
    return NetnsLab.onHost("ip", "route", "show", "default")
        .output()
        .lines()
        .map(line -> line.replaceFirst(".* dev (\\S+).*", "$1").strip())
        .toList();
  }

  @Test
  void shouldTakeMirroredFramesToTheVmAndToObservers() throws Exception {
    final NetnsDriver driver = lab.driver();
    final VmItem a = lab.vm("a", "front", 10, List.of());
    final VmItem b = lab.vm("b", "front", 11, List.of());
    final VmItem watcher =
        lab.vm("w", "back", 12, List.of(), List.of(NetnsLab.allow(Protocol.ANY, null)), true);
    lab.make(driver, attached(), a, b, watcher);
    // One to each VM, and both with a source that is another VM's: learning it would lead a's
    // frames astray.
    final String toA = "02710000010a" + "02710000010b" + "88b5" + "61".repeat(46);
    final String toB = "02710000010b" + "02710000010a" + "88b5" + "62".repeat(46);
    final Process inA = receive("a", 2);
    final Process inB = receive("b", 2);
    final Process inW = receive("w", 4);
    NetnsLab.onHost("python3", "-c", SEND, near, toA, toB, toA, toB);
    assertThat(frames(inA)).containsExactly(toA, toA);
    assertThat(frames(inB)).containsExactly(toB, toB);
    assertThat(frames(inW)).containsExactly(toA, toB, toA, toB);
  }

  private Process receive(final String vm, final int count) throws Exception {
    final Process process =
        new ProcessBuilder(
                Commands.inNamespace(
                    Layout.vm(lab.network, vm),
                    "python3",
                    "-c",
                    RECEIVE,
                    "eth0",
                    Integer.toString(count)))
            .redirectErrorStream(true)
            .start();
    final StringBuilder line = new StringBuilder();
    for (int c = process.getInputStream().read();
        c != '\n' && c >= 0;
        c = process.getInputStream().read()) {
      line.append((char) c);
    }
    assertThat(line.toString()).isEqualTo("listening");
    return process;
  }

  private static List<String> frames(final Process process) throws Exception {
    final String text =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.lines().toList();
  }
}
