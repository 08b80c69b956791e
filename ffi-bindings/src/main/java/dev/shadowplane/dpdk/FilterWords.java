package dev.shadowplane.dpdk;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a filter expression. libpcap takes every word that it does not know for the name of
 * a host and asks the resolver, which may block for long and tells others what is looked for: such
 * words are refused before.
 */
final class FilterWords {
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.:\\\\][A-Za-z0-9_.:-]*");

  /** Numbers, ranges, slices, IPv4 addresses, MAC addresses, IPv6 addresses. */
  private static final Pattern LITERAL =
      Pattern.compile(
          "\\d+([.:-]\\d+)?|0[xX]\\p{XDigit}+|\\d+(\\.\\d+){2,3}"
              + "|\\p{XDigit}{1,2}([:.-]\\p{XDigit}{1,2}){5}|[\\p{XDigit}.]*:[\\p{XDigit}.]*:[\\p{XDigit}:.]*");

  /** The keywords of pcap-filter(7) that say something about Ethernet frames. */
  private static final Set<String> KEYWORDS =
      new TreeSet<>(
          Arrays.asList(
              ("and or not src dst inbound outbound host net mask port portrange proto protochain"
                      + " gateway less greater len broadcast multicast ether link ip ip6 arp rarp tcp"
                      + " udp icmp icmp6 igmp igrp pim vrrp carp sctp ah esp atalk aarp decnet lat"
                      + " sca moprc mopdl iso esis es-is isis is-is clnp stp ipx netbeui vlan mpls"
                      + " pppoed pppoes geneve byte addr1 addr2 addr3 addr4 ra ta"
                      + " icmptype icmpcode icmp6type icmp6code tcpflags tcp-fin tcp-syn tcp-rst"
                      + " tcp-push tcp-ack tcp-urg tcp-ece tcp-cwr icmp-echoreply icmp-unreach"
                      + " icmp-sourcequench icmp-redirect icmp-echo icmp-routeradvert"
                      + " icmp-routersolicit icmp-timxceed icmp-paramprob icmp-tstamp"
                      + " icmp-tstampreply icmp-ireq icmp-ireqreply icmp-maskreq icmp-maskreply"
                      + " icmp6-destinationrunreach icmp6-packettoobig icmp6-timeexceeded"
                      + " icmp6-parameterproblem icmp6-echo icmp6-echoreply"
                      + " icmp6-multicastlistenerquery icmp6-multicastlistenerreportv1"
                      + " icmp6-multicastlistenerdone icmp6-routersolicit icmp6-routeradvert"
                      + " icmp6-neighborsolicit icmp6-neighboradvert icmp6-redirect"
                      + " icmp6-routerrenum icmp6-nodeinformationquery"
                      + " icmp6-nodeinformationresponse icmp6-ineighbordiscoverysolicit"
                      + " icmp6-ineighbordiscoveryadvert icmp6-multicastlistenerreportv2"
                      + " icmp6-homeagentdiscoveryrequest icmp6-homeagentdiscoveryreply"
                      + " icmp6-mobileprefixsolicit icmp6-mobileprefixadvert"
                      + " icmp6-certpathsolicit icmp6-certpathadvert"
                      + " icmp6-multicastrouteradvert icmp6-multicastroutersolicit"
                      + " icmp6-multicastrouterterm")
                  .split(" ")));

  /** What a name may follow: those of services and protocols are read from files of this host. */
  private static final Set<String> NAMED = Set.of("port", "portrange", "proto", "protochain");

  private FilterWords() {}

  static void check(String expression) {
    if (expression.length() > BpfFilter.MAX_CHARACTERS || expression.indexOf('\0') >= 0) {
      throw new DpdkException(
          "a filter of "
              + expression.length()
              + " characters: at most "
              + BpfFilter.MAX_CHARACTERS
              + " are allowed, none of them 0");
    }
    String before = "";
    for (Matcher word = WORD.matcher(expression); word.find(); ) {
      final String text = word.group().toLowerCase(Locale.ROOT);
      if (!KEYWORDS.contains(text) && !LITERAL.matcher(text).matches() && !NAMED.contains(before)) {
        throw new DpdkException(
            "filter "
                + expression
                + ": character "
                + (word.start() + 1)
                + ": "
                + word.group()
                + " is neither a keyword nor an address, and names of hosts are not looked up: give an"
                + " address (pcap-filter(7))");
      }
      before = text;
    }
  }
}
