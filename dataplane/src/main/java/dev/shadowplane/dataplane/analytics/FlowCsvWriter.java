package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;

/** Flows as comma-separated values; none is empty for want of a VLAN. */
final class FlowCsvWriter implements FlowWriter, FlowFields.Receiver {
  private static final String HEADER =
      "src_ip,src_port,dst_ip,dst_port,protocol,vlan,first_seen_ns,last_seen_ns,"
          + "src_to_dst_packets,src_to_dst_bytes,src_to_dst_ip_bytes,"
          + "dst_to_src_packets,dst_to_src_bytes,dst_to_src_ip_bytes,"
          + "src_to_dst_tcp_flags,dst_to_src_tcp_flags,end_reason\n";

  private final Writer out;
  private final StringBuilder line = new StringBuilder(256);

  FlowCsvWriter(Writer out) throws IOException {
    this.out = out;
    out.write(HEADER);
  }

  @Override
  public void write(Flow flow) throws IOException {
    line.setLength(0);
    FlowFields.give(flow, this);
    line.setCharAt(line.length() - 1, '\n');
    out.append(line);
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }

  @Override
  public void text(String name, String value) {
    line.append(value).append(',');
  }

  @Override
  public void number(String name, long value) {
    line.append(value).append(',');
  }

  @Override
  public void none(String name) {
    line.append(',');
  }
}
