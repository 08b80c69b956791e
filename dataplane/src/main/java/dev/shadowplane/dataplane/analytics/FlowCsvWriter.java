package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;

/** Flows as comma-separated values; one that is not known is empty. */
final class FlowCsvWriter implements FlowWriter, FlowFields.Receiver {
  private static final Flow ANY =
      new Flow("", 0, "", 0, 0, 0, 0, 0, nothing(), nothing(), EndReason.ONGOING, null);

  private final Writer out;
  private final StringBuilder line = new StringBuilder(1024);

  FlowCsvWriter(Writer out) throws IOException {
    this.out = out;
    final Header header = new Header(line);
    FlowFields.give(ANY, header);
    endLine();
  }

  private static Flow.Direction nothing() {
    return new Flow.Direction(0, 0, 0, 0, 0, 0, null);
  }

  @Override
  public void write(Flow flow) throws IOException {
    FlowFields.give(flow, this);
    endLine();
  }

  private void endLine() throws IOException {
    line.setCharAt(line.length() - 1, '\n');
    out.append(line);
    line.setLength(0);
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }

  @Override
  public void prefix(String prefix) {
    // Names are in the header.
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
  public void real(String name, double value) {
    line.append(value).append(',');
  }

  @Override
  public void none(String name) {
    line.append(',');
  }

  /** The names alone. */
  private static final class Header implements FlowFields.Receiver {
    private final StringBuilder line;
    private String prefix = "";

    private Header(StringBuilder line) {
      this.line = line;
    }

    @Override
    public void prefix(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public void text(String name, String value) {
      none(name);
    }

    @Override
    public void number(String name, long value) {
      none(name);
    }

    @Override
    public void real(String name, double value) {
      none(name);
    }

    @Override
    public void none(String name) {
      line.append(prefix).append(name).append(',');
    }
  }
}
