package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;

/** Flows as comma-separated values; one that is not known is empty. */
final class FlowCsvWriter implements FlowWriter {
  private final Writer out;
  private final FlowFields fields = new FlowFields();
  private final StringBuilder line = new StringBuilder(1024);
  private final int columns;

  FlowCsvWriter(Writer out) throws IOException {
    this.out = out;
    columns = fields.names().size();
    out.append(String.join(",", fields.names())).append('\n');
  }

  @Override
  public void write(Flow flow) throws IOException {
    fields.set(flow);
    line.setLength(0);
    for (int i = 0; i < columns; i++) {
      switch (fields.value(i)) {
        case null -> {}
        case Long number -> line.append((long) number);
        case Object other -> line.append(other);
      }
      line.append(i + 1 < columns ? ',' : '\n');
    }
    out.append(line);
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }
}
