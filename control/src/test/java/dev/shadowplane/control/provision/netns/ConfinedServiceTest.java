package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Services are real programs, which may be badly behaved. */
@EnabledIf("dev.shadowplane.control.provision.netns.NetnsLab#isRoot")
class ConfinedServiceTest {
  private NetnsLab lab;
  private NetnsDriver driver;

  @BeforeEach
  void makeVm() throws Exception {
    lab = new NetnsLab();
    driver = lab.driver();
    final VmItem vm = lab.vm("a", "front", 10, List.of(NetnsLab.allow(Protocol.TCP, "80")));
    lab.make(driver, lab.network(null, false), vm);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    lab.close();
  }

  private ServiceItem shell(final String script) {
    return new ServiceItem(
        lab.network,
        "a",
        "job",
        80,
        List.of("/bin/sh", "-c", script),
        Map.of("COLOUR", "blue"),
        new ServiceCheck(ServiceCheck.Kind.PROCESS, "", 1_000));
  }

  private ItemKey job() {
    return lab.key(ItemKey.Kind.SERVICE, "job.a");
  }

  private Path folder() {
    return lab.config.directory().resolve(lab.network).resolve("services/job.a");
  }

  @Test
  void shouldSayWhyOneThatEndsAtOnceDoesNotStayUp() throws Exception {
    final ServiceItem failing =
        new ServiceItem(
            lab.network,
            "a",
            "job",
            80,
            List.of("/bin/sh", "-c", "echo 'cannot open the till' >&2; exit 7"),
            Map.of(),
            new ServiceCheck(ServiceCheck.Kind.TCP, "", 500));
    assertThat(lab.put(driver, failing).get(job()))
        .startsWith("it does not stay up: it ended with status 7, ")
        .endsWith("its last line: cannot open the till");
    assertThat(lab.observed(driver, job()).deviations().toString())
        .contains("it was not finished", "status 7", "cannot open the till");
  }

  @Test
  void shouldSayThatOneTookMoreMemoryThanItsVmHas() throws Exception {
    final ServiceItem hog =
        new ServiceItem(
            lab.network,
            "a",
            "job",
            80,
            List.of("/usr/bin/python3", "-c", "x = bytearray(200 << 20)\nprint(len(x))"),
            Map.of(),
            new ServiceCheck(ServiceCheck.Kind.TCP, "", 500));
    assertThat(lab.put(driver, hog).get(job())).contains("wanted more memory than its VM may have");
  }

  @Test
  void shouldSayThatAProgramIsMissing() {
    final ServiceItem missing =
        new ServiceItem(lab.network, "a", "job", 80, List.of("/no/such/program"), Map.of(), null);
    assertThat(lab.put(driver, missing).get(job()))
        .startsWith("there is no program /no/such/program");
  }

  @Test
  void shouldRunItWithoutPrivilegesAndWithAnEnvironmentOfItsOwn() throws Exception {
    lab.make(
        driver,
        shell(
            "cd; grep -E '^(Uid|Groups|Cap|NoNewPrivs)' /proc/self/status; env | sort; ls -A /tmp /run;"
                + " touch state-is-mine; touch /etc/x /var/tmp/x; kill -9 1; exec sleep 1000"));
    final Path log = folder().resolve("log");
    NetnsLab.until(() -> Files.readString(log).contains("kill"));
    final String text = Files.readString(log);
    final int uid =
        (Integer) Files.getAttribute(folder().resolve("state/state-is-mine"), "unix:uid");
    assertThat(uid).isBetween(UidRange.DEFAULT.first(), UidRange.DEFAULT.last());
    assertThat(text)
        .contains("Uid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid)
        .contains(
            "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000")
        .contains("NoNewPrivs:\t1")
        .contains("COLOUR=blue", "SHADOWPLANE_STATE=" + folder().resolve("state"))
        .doesNotContain("JAVA", ".sock", "cd:")
        .contains("/etc/x", "/var/tmp/x");
    assertThat(Path.of("/etc/x")).doesNotExist();
    assertThat(Path.of("/var/tmp/x")).doesNotExist();
  }

  @Test
  void shouldStartItAgainWhenItEnds() throws Exception {
    lab.make(driver, shell("echo begun >>$SHADOWPLANE_STATE/starts; exec sleep 1000"));
    final String group = lab.network + "/a/job";
    final Cgroups cgroups = Cgroups.detect();
    NetnsLab.until(() -> Files.readAllLines(folder().resolve("state/starts")).size() == 1);
    final List<Long> first = cgroups.processes(group);
    assertThat(first).hasSize(1);
    ProcessHandle.of(first.getFirst()).orElseThrow().destroyForcibly();
    NetnsLab.until(() -> {
      final List<Long> second = cgroups.processes(group);
      return second.size() == 1
          && !second.equals(first)
          && Files.readAllLines(folder().resolve("state/starts")).size() == 2;
    });
    NetnsLab.until(() -> lab.observed(driver, job()).deviations().isEmpty());
  }

  @Test
  void shouldEndWhatItHasStarted() throws Exception {
    lab.make(driver, shell("for i in 1 2 3; do setsid sleep 7117 & done; exec sleep 7117"));
    final Cgroups cgroups = Cgroups.detect();
    NetnsLab.until(() -> cgroups.processes(lab.network + "/a/job").size() == 4);
    NetnsLab.carryOut(
        driver, lab.network, List.of(new dev.shadowplane.control.provision.Step.Delete(job())));
    assertThat(
            ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").contains("7117")))
        .isEmpty();
  }

  @Test
  void shouldBoundWhatItSays() throws Exception {
    lab.make(driver, shell("head -c 5000000 /dev/zero | tr '\\0' x; echo end; exec sleep 1000"));
    NetnsLab.until(() -> Files.exists(folder().resolve("log")) && tail().endsWith("xend\n"));
    assertThat(Files.size(folder().resolve("log"))).isLessThanOrEqualTo(1 << 20);
    assertThat(Files.size(folder().resolve("log.1"))).isEqualTo(1 << 20);
    try (var files = Files.list(folder())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("command", "keeper.log", "log", "log.1", "state");
    }
  }

  private String tail() throws Exception {
    final String text = Files.readString(folder().resolve("log"));
    return text.substring(Math.max(0, text.length() - 5));
  }
}
