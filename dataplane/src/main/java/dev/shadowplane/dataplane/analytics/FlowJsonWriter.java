package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;

/**
 * Flows as a JSON array, one on a line, or as lines of one object each. No value needs escaping:
 * what is text comes from numbers.
 */
final class FlowJsonWriter implements FlowWriter {
  private final Writer out;
  private final boolean lines;
  private final FlowFields fields = new FlowFields();
  private final String[] labels;
  private final StringBuilder object = new StringBuilder(4096);
  private boolean any;

  private FlowJsonWriter(Writer out, boolean lines) {
    this.out = out;
    this.lines = lines;
    labels = fields.names().stream().map(name -> ", \"" + name + "\": ").toArray(String[]::new);
    labels[0] = "{" + labels[0].substring(2);
  }

  /** Begins an array. */
  static FlowJsonWriter array(Writer out) throws IOException {
    out.write('[');
    return new FlowJsonWriter(out, false);
  }

  /** Begins lines. */
  static FlowJsonWriter lines(Writer out) {
    return new FlowJsonWriter(out, true);
  }

  @Override
  public void write(Flow flow) throws IOException {
    fields.set(flow);
    object.setLength(0);
    object.append(lines ? "" : any ? ",\n" : "\n");
    for (int i = 0; i < labels.length; i++) {
      object.append(labels[i]);
      switch (fields.value(i)) {
        case null -> object.append("null");
        case String text -> object.append('"').append(text).append('"');
        case Long number -> object.append((long) number);
        case Object real -> object.append(real);
      }
    }
    out.append(object.append(lines ? "}\n" : "}"));
    any = true;
  }

  @Override
  public void close() throws IOException {
    if (!lines) {
      out.write(any ? "\n]\n" : "]\n");
    }
    out.flush();
  }
}
