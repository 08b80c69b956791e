package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.provision.ItemKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that is sent becomes part of a command, a file name or a rule unseen. */
class ItemCheckTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a b",
        "a;reboot",
        "$(reboot)",
        "`id`",
        "a\nb",
        "a\0b",
        "-a",
        "a-",
        "A",
        "ä",
        "a.b",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddd"
      })
  void shouldRefuseNamesThatAreNone(final String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> ItemCheck.network(name));
    for (final ItemKey.Kind kind : ItemKey.Kind.values()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              ItemCheck.key(
                  new ItemKey(
                      "net",
                      kind,
                      name.equals("a.b") && kind == ItemKey.Kind.SERVICE ? "a.b.c" : name)));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            ItemCheck.item(
                new NetworkItem(
                    "net", List.of(NetnsLab.segment(name, 1, null, null)), null, false)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lo", "..", "a/b", "eth0 up", "-h", "sixteen-letters1", "a;b", "", "a\nlink"})
  void shouldRefuseInterfacesThatAreNone(final String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            ItemCheck.item(
                new NetworkItem(
                    "net",
                    List.of(NetnsLab.segment("s", 1, null, null)),
                    new Attachment(name, "s"),
                    false)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sh", "./sh", "../bin/sh", "/bin/../bin/sh", "/bin//sh", "", "/bin/sh\0"})
  void shouldRefuseCommandsThatAreNoAbsoluteProgram(final String program) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemCheck.item(service(List.of(program), Map.of(), null)));
  }

  @Test
  void shouldRefuseWhatElseMayNotBe() {
    assertThatCode(() -> ItemCheck.item(service(List.of("/bin/sh"), Map.of("A", "$(x)\n"), null)))
        .doesNotThrowAnyException();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemCheck.item(service(List.of(), Map.of(), null)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemCheck.item(service(List.of("/bin/sh"), Map.of("A=B", "x"), null)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemCheck.item(service(List.of("/bin/sh"), Map.of("A", "x\0"), null)));
    for (final String path : List.of("", "x", "/a b", "/a\r\nHost: x", "/ä")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              ItemCheck.item(
                  service(
                      List.of("/bin/sh"),
                      Map.of(),
                      new ServiceCheck(ServiceCheck.Kind.HTTP, path, 100))));
    }
    for (final String item :
        List.of(
            "{'item':'vm','network':'n','vm':'v','cpus':0.5,'memoryBytes':67108864,'nics':[{'name':'eth0','segment':'s','mac':'01:00:00:00:00:01','addresses':[],'routes':[]}],'ingress':[],'egress':[],'observer':false}",
            "{'item':'vm','network':'n','vm':'v','cpus':0.5,'memoryBytes':67108864,'nics':[{'name':'lo','segment':'s','mac':'02:00:00:00:00:01','addresses':[],'routes':[]}],'ingress':[],'egress':[],'observer':false}",
            "{'item':'vm','network':'n','vm':'v','cpus':0.5,'memoryBytes':67108864,'nics':[{'name':'eth0','segment':'s','mac':'02:00:00:00:00:01','addresses':['10.0.0.1 dev lo/24'],'routes':[]}],'ingress':[],'egress':[],'observer':false}",
            "{'item':'vm','network':'n','vm':'v','cpus':-1,'memoryBytes':67108864,'nics':[],'ingress':[],'egress':[],'observer':false}",
            "{'item':'vm','network':'n','vm':'v','cpus':1,'memoryBytes':-5,'nics':[],'ingress':[],'egress':[],'observer':false}",
            "{'item':'vm','network':'n','vm':'v','cpus':1,'memoryBytes':67108864,'nics':[],'ingress':[{'allow':true,'protocol':'ICMP','ports':'80','peers':[]}],'egress':[],'observer':false}")) {
      final var read =
          ItemJson.read(item.replace('\'', '"'), dev.shadowplane.control.provision.Item.class);
      assertThatIllegalArgumentException().as(item).isThrownBy(() -> ItemCheck.item(read));
    }
  }

  private static ServiceItem service(
      final List<String> command,
      final Map<String, String> environment,
      final @org.jspecify.annotations.Nullable ServiceCheck check) {
    return new ServiceItem("net", "vm", "svc", 80, command, environment, check);
  }

  @Test
  void shouldKeepInterfaceNamesShortAndApart() {
    final String longName = "a".repeat(40);
    final String other = "a".repeat(39) + "b";
    assertThat(
            List.of(
                Layout.bridge(longName),
                Layout.bridge(other),
                Layout.feedPort(longName),
                Layout.link(longName, "eth0"),
                Layout.link(other, "eth0"),
                Layout.link(longName, "eth1")))
        .doesNotHaveDuplicates()
        .allMatch(name -> name.length() <= 15);
    assertThat(Layout.link("web-1", "eth0")).isEqualTo("web-1.eth0");
  }
}
