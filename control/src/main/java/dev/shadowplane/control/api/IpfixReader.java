package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.ipfix.IpfixConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the collectors under {@code ipfix}. */
final class IpfixReader {
  /** Each has a thread, a connection and a queue of its own. */
  static final int MAX_COLLECTORS = 16;

  private IpfixReader() {}

  /**
   * Reads them.
   *
   * @param root the mapping that holds one under {@code ipfix}, or a list of several.
   * @return each; empty when absent.
   * @throws ConfigException naming source, line, value, limit and remedy.
   */
  static List<IpfixConfig> collectors(final YamlReader root) {
    final Set<String> targets = new HashSet<>();
    final List<IpfixConfig> collectors = new ArrayList<>();
    for (final YamlReader entry : root.mappingOrMappings("ipfix")) {
      final IpfixConfig collector = read(entry);
      if (!targets.add(collector.target())) {
        throw entry.refuse("collector", collector.target() + " is there twice: keep one");
      }
      collectors.add(collector);
    }
    if (collectors.size() > MAX_COLLECTORS) {
      throw root.refuse("ipfix", "at most " + MAX_COLLECTORS + " collectors are allowed");
    }
    return collectors;
  }

  private static IpfixConfig read(final YamlReader entry) {
    final Endpoint collector =
        entry
            .optional("collector", IpfixReader::endpoint)
            .orElseThrow(() -> entry.refuse("collector", "is missing: add it"));
    final IpfixConfig config =
        new IpfixConfig(
            entry.optional("transport", IpfixReader::transport).orElse(IpfixConfig.Transport.UDP),
            collector.host(),
            collector.port(),
            entry.integer("mtu", IpfixConfig.DEFAULT_MTU, IpfixConfig.MIN_MTU, IpfixConfig.MAX_MTU),
            entry.bool("biflow", true),
            entry.integer(
                "template-seconds",
                IpfixConfig.DEFAULT_TEMPLATE_SECONDS,
                1,
                IpfixConfig.MAX_TEMPLATE_SECONDS),
            entry.integer(
                "template-messages",
                IpfixConfig.DEFAULT_TEMPLATE_MESSAGES,
                1,
                IpfixConfig.MAX_TEMPLATE_MESSAGES),
            entry.optional("enterprise", IpfixReader::enterprise).orElse(IpfixConfig.NO_ENTERPRISE),
            entry
                .optional(
                    "domain", text -> YamlReader.wholeNumber(text, 0, IpfixConfig.MAX_UNSIGNED_32))
                .orElse(0L));
    entry.done();
    return config;
  }

  private static Endpoint endpoint(final String text) {
    final Endpoint endpoint = Endpoint.parse(text);
    if (endpoint.port() == 0) {
      throw new IllegalArgumentException(
          "has no port from 1 to 65535: write for example 192.0.2.1:4739");
    }
    return endpoint;
  }

  private static IpfixConfig.Transport transport(final String text) {
    return switch (text) {
      case "udp" -> IpfixConfig.Transport.UDP;
      case "tcp" -> IpfixConfig.Transport.TCP;
      default -> throw new IllegalArgumentException("give udp or tcp");
    };
  }

  private static long enterprise(final String text) {
    final long enterprise = YamlReader.wholeNumber(text, 1, IpfixConfig.MAX_UNSIGNED_32);
    IpfixConfig.requireOwn(enterprise);
    return enterprise;
  }
}
