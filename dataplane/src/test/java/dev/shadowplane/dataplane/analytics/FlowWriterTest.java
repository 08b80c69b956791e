package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;
import dev.shadowplane.dataplane.analytics.Flow.RoundTrip;
import dev.shadowplane.dataplane.analytics.Flow.Spread;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class FlowWriterTest {
  private static final long T = 1_700_000_000_123_456_789L;

  /** All that can be known. */
  private static final Flow FULL =
      new Flow(
          "10.0.0.1",
          40_000,
          "10.0.0.2",
          443,
          6,
          12,
          T,
          T + 1_250_000,
          new Direction(
              3,
              1_234_567,
              1_234_525,
              0x1b,
              T,
              T + 1_250_000,
              new Measures(
                  2,
                  new Spread(2, 1.0 / 3, 0.1, 54, 1_514),
                  new Spread(1, 1_000, 0, 1_000, 1_000),
                  4,
                  5,
                  6,
                  new RoundTrip(7, 1.5e7, 8, 9),
                  63,
                  64)),
          new Direction(
              1,
              60,
              40,
              0x12,
              T + 1,
              T + 1,
              new Measures(
                  1, new Spread(1, 60, 0, 60, 60), Spread.NONE, 0, 0, 0, RoundTrip.NONE, 255, 255)),
          EndReason.CLOSED,
          new Details(
              "02:00:00:00:00:01", "02:00:00:00:00:02", "vxlan", 42, 3, 123_456, 1_000_000));

  /** As little as can be known. */
  private static final Flow LEAN =
      new Flow(
          "2001:db8::1",
          5353,
          "ff02::fb",
          5353,
          17,
          Flow.NO_VLAN,
          T + 2,
          T + 2,
          new Direction(1, 66, 52, 0, T + 2, T + 2, null),
          new Direction(0, 0, 0, 0, 0, 0, null),
          EndReason.END_OF_INPUT,
          null);

  @Test
  void writesJsonObjectsUnderPlainNames() throws IOException {
    assertThat(written(FlowFormat.JSON, FULL, LEAN))
        .isEqualTo(
            """
            [
            {"src_ip": "10.0.0.1", "src_port": 40000, "dst_ip": "10.0.0.2", "dst_port": 443, \
            "protocol": 6, "vlan": 12, "first_seen_ns": 1700000000123456789, \
            "last_seen_ns": 1700000000124706789, \
            "src_to_dst_packets": 3, "src_to_dst_bytes": 1234567, \
            "src_to_dst_ip_bytes": 1234525, "src_to_dst_tcp_flags": 27, \
            "src_to_dst_first_seen_ns": 1700000000123456789, \
            "src_to_dst_last_seen_ns": 1700000000124706789, \
            "dst_to_src_packets": 1, "dst_to_src_bytes": 60, "dst_to_src_ip_bytes": 40, \
            "dst_to_src_tcp_flags": 18, "dst_to_src_first_seen_ns": 1700000000123456790, \
            "dst_to_src_last_seen_ns": 1700000000123456790, "end_reason": "closed", \
            "src_to_dst_measured_packets": 2, "src_to_dst_size_mean": 0.3333333333333333, \
            "src_to_dst_size_stddev": 0.1, "src_to_dst_size_min": 54, \
            "src_to_dst_size_max": 1514, "src_to_dst_gap_ns_mean": 1000.0, \
            "src_to_dst_gap_ns_stddev": 0.0, "src_to_dst_gap_ns_min": 1000, \
            "src_to_dst_gap_ns_max": 1000, "src_to_dst_retransmissions": 4, \
            "src_to_dst_out_of_order": 5, "src_to_dst_zero_windows": 6, \
            "src_to_dst_rtt_samples": 7, "src_to_dst_rtt_ns_mean": 1.5E7, \
            "src_to_dst_rtt_ns_min": 8, "src_to_dst_rtt_ns_max": 9, \
            "src_to_dst_hop_limit_min": 63, "src_to_dst_hop_limit_max": 64, \
            "dst_to_src_measured_packets": 1, "dst_to_src_size_mean": 60.0, \
            "dst_to_src_size_stddev": 0.0, "dst_to_src_size_min": 60, \
            "dst_to_src_size_max": 60, "dst_to_src_gap_ns_mean": null, \
            "dst_to_src_gap_ns_stddev": null, "dst_to_src_gap_ns_min": null, \
            "dst_to_src_gap_ns_max": null, "dst_to_src_retransmissions": 0, \
            "dst_to_src_out_of_order": 0, "dst_to_src_zero_windows": 0, \
            "dst_to_src_rtt_samples": 0, "dst_to_src_rtt_ns_mean": null, \
            "dst_to_src_rtt_ns_min": null, "dst_to_src_rtt_ns_max": null, \
            "dst_to_src_hop_limit_min": 255, "dst_to_src_hop_limit_max": 255, \
            "handshake_server_rtt_ns": 123456, "handshake_client_rtt_ns": 1000000, \
            "src_mac": "02:00:00:00:00:01", "dst_mac": "02:00:00:00:00:02", \
            "tunnel": "vxlan", "vni": 42, "rule": 3},
            {"src_ip": "2001:db8::1", "src_port": 5353, "dst_ip": "ff02::fb", "dst_port": 5353, \
            "protocol": 17, "vlan": null, "first_seen_ns": 1700000000123456791, \
            "last_seen_ns": 1700000000123456791, \
            "src_to_dst_packets": 1, "src_to_dst_bytes": 66, "src_to_dst_ip_bytes": 52, \
            "src_to_dst_tcp_flags": 0, "src_to_dst_first_seen_ns": 1700000000123456791, \
            "src_to_dst_last_seen_ns": 1700000000123456791, \
            "dst_to_src_packets": 0, "dst_to_src_bytes": 0, "dst_to_src_ip_bytes": 0, \
            "dst_to_src_tcp_flags": 0, "dst_to_src_first_seen_ns": null, \
            "dst_to_src_last_seen_ns": null, "end_reason": "end-of-input", \
            "src_to_dst_measured_packets": 0, "src_to_dst_size_mean": null, \
            "src_to_dst_size_stddev": null, "src_to_dst_size_min": null, \
            "src_to_dst_size_max": null, "src_to_dst_gap_ns_mean": null, \
            "src_to_dst_gap_ns_stddev": null, "src_to_dst_gap_ns_min": null, \
            "src_to_dst_gap_ns_max": null, "src_to_dst_retransmissions": null, \
            "src_to_dst_out_of_order": null, "src_to_dst_zero_windows": null, \
            "src_to_dst_rtt_samples": null, "src_to_dst_rtt_ns_mean": null, \
            "src_to_dst_rtt_ns_min": null, "src_to_dst_rtt_ns_max": null, \
            "src_to_dst_hop_limit_min": null, "src_to_dst_hop_limit_max": null, \
            "dst_to_src_measured_packets": 0, "dst_to_src_size_mean": null, \
            "dst_to_src_size_stddev": null, "dst_to_src_size_min": null, \
            "dst_to_src_size_max": null, "dst_to_src_gap_ns_mean": null, \
            "dst_to_src_gap_ns_stddev": null, "dst_to_src_gap_ns_min": null, \
            "dst_to_src_gap_ns_max": null, "dst_to_src_retransmissions": null, \
            "dst_to_src_out_of_order": null, "dst_to_src_zero_windows": null, \
            "dst_to_src_rtt_samples": null, "dst_to_src_rtt_ns_mean": null, \
            "dst_to_src_rtt_ns_min": null, "dst_to_src_rtt_ns_max": null, \
            "dst_to_src_hop_limit_min": null, "dst_to_src_hop_limit_max": null, \
            "handshake_server_rtt_ns": null, "handshake_client_rtt_ns": null, \
            "src_mac": null, "dst_mac": null, "tunnel": null, "vni": null, "rule": null}
            ]
            """);
    assertThat(written(FlowFormat.JSON)).isEqualTo("[]\n");
  }

  @Test
  void writesTheSameFieldsAsCsv() throws IOException {
    final List<String> names = new ArrayList<>();
    final List<List<String>> values = new ArrayList<>();
    for (Flow flow : List.of(FULL, LEAN)) {
      names.clear();
      final List<String> ofFlow = new ArrayList<>();
      final Matcher field =
          Pattern.compile("\"(\\w+)\": (?:null|\"([^\"]*)\"|([^,}]+))")
              .matcher(written(FlowFormat.JSON, flow));
      while (field.find()) {
        names.add(field.group(1));
        ofFlow.add(
            field.group(2) != null ? field.group(2) : field.group(3) != null ? field.group(3) : "");
      }
      values.add(ofFlow);
    }
    final List<List<String>> lines =
        written(FlowFormat.CSV, FULL, LEAN)
            .lines()
            .map(line -> Arrays.asList(line.split(",", -1)))
            .toList();
    assertThat(names).hasSize(64).doesNotHaveDuplicates();
    assertThat(lines).containsExactly(names, values.get(0), values.get(1));
    assertThat(written(FlowFormat.CSV)).isEqualTo(String.join(",", names) + "\n");
  }

  @Test
  void writesWhatIsNoNumberAsUnknown() throws IOException {
    final Spread none = new Spread(2, Double.NaN, Double.POSITIVE_INFINITY, 1, 1);
    final Direction direction =
        new Direction(2, 2, 2, 0, T, T, new Measures(2, none, none, 0, 0, 0, RoundTrip.NONE, 1, 1));
    final Flow flow =
        new Flow("::", 0, "::", 0, 17, 1, T, T, direction, direction, EndReason.IDLE, null);
    assertThat(written(FlowFormat.JSON, flow))
        .contains("\"src_to_dst_size_mean\": null, \"src_to_dst_size_stddev\": null")
        .doesNotContain("NaN", "Inf");
  }

  @Test
  void writesColumnsForPeople() throws IOException {
    final Direction much = new Direction(999_999, 1L << 50, 0, 0, T - 90_000_000_000L, T, null);
    final Flow large =
        new Flow(
            "255.255.255.255",
            65_535,
            "255.255.255.254",
            65_534,
            132,
            1,
            T - 90_000_000_000L,
            T,
            much,
            new Direction(1_000, 999, 0, 0, T, T, null),
            EndReason.ACTIVE,
            null);
    assertThat(written(FlowFormat.TEXT, FULL, LEAN, large))
        .isEqualTo(
            """
            FIRST SEEN (UTC)    LASTED PROTO SOURCE                DESTINATION            PKT>  \
            BYTES>  <PKT  <BYTES     RTT END
            11-14 22:13:20.123 1.25 ms tcp   10.0.0.1:40000        10.0.0.2:443              3 \
            1.23 MB     1    60 B 1.12 ms closed
            11-14 22:13:20.123    0 ns udp   [2001:db8::1]:5353    [ff02::fb]:5353           1 \
               66 B     0     0 B       - end-of-input
            11-14 22:11:50.123  90.0 s 132   255.255.255.255:65535 255.255.255.254:65534  999k \
            1.12 PB 1.00k   999 B       - active
            """);
    assertThat(written(FlowFormat.TEXT, large).lines().toList()).allMatch(l -> l.length() <= 120);
  }

  @Test
  void keepsColumnsApartHoweverWideTheyAre() throws IOException {
    final Flow wide =
        new Flow(
            "fe80::b4bd:2eff:fea0:5859",
            0,
            "fe80::b4bd:2eff:fea0:5858",
            0,
            58,
            Flow.NO_VLAN,
            T,
            T,
            LEAN.srcToDst(),
            LEAN.dstToSrc(),
            EndReason.IDLE,
            null);
    assertThat(written(FlowFormat.TEXT, wide))
        .endsWith(
            "icmp6 fe80::b4bd:2eff:fea0:5859 fe80::b4bd:2eff:fea0:5858     1    66 B     0"
                + "     0 B       - idle\n");
  }

  private static String written(FlowFormat format, Flow... flows) throws IOException {
    final StringWriter out = new StringWriter();
    try (FlowWriter writer = format.open(out)) {
      for (Flow flow : flows) {
        writer.write(flow);
      }
    }
    return out.toString();
  }
}
