package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.Segment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What the parts of a network are called in the kernel, and where its files are. */
final class Layout {
  /** The folder that the kernel's namespaces have their names in. */
  static final Path NAMESPACES = Path.of("/run/netns");

  /** The router's end of the link to the feed, and the feed's. */
  static final String FEED_LINK = "feed_";

  static final String ROUTER_LINK = "router_";

  private static final int MAX_INTERFACE_NAME = 15;
  private static final int HASH_DIGITS = 12;

  private Layout() {}

  /** The namespace of the router and the bridges. */
  static String router(final String network) {
    return "sp-" + network;
  }

  /** The namespace of a VM. */
  static String vm(final String network, final String vm) {
    return "sp-" + network + "-" + vm;
  }

  /** The namespace that sessions are driven from. */
  static String feed(final String network) {
    return vm(network, "feed");
  }

  /** The bridge of a segment; in the feed the interface to it. */
  static String bridge(final String segment) {
    return short15("br_", segment);
  }

  /** The router's end of the feed's link to a segment. */
  static String feedPort(final String segment) {
    return short15("fd_", segment);
  }

  /** The router's end of a VM's link. */
  static String link(final String vm, final String nic) {
    // Names hold no dots and no underscores, so that no two of these are the same.
    final String name = vm + "." + nic;
    return name.length() <= MAX_INTERFACE_NAME ? name : "v_" + hash(name);
  }

  private static String short15(final String prefix, final String name) {
    final String whole = prefix + name;
    return whole.length() <= MAX_INTERFACE_NAME ? whole : prefix + hash(name);
  }

  /**
   * The MAC address of the router in a segment: the same in every network that has this segment, so
   * that what was mirrored on its way to one router is taken by the other.
   */
  static String routerMac(final Segment segment) {
    final String hash = hash(segment.name() + segment.prefixes() + segment.gateways());
    return "02" + hash.substring(0, 10).replaceAll("(..)", ":$1");
  }

  /** A MAC address for a link that nobody mirrors. */
  static String linkMac(final String name) {
    return "06" + hash(name).substring(0, 10).replaceAll("(..)", ":$1");
  }

  static Path namespaceFile(final String namespace) {
    return NAMESPACES.resolve(namespace);
  }

  private static String hash(final String text) {
    try {
      final byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
