package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;

/**
 * Flows as a JSON array, one on a line, or as lines of one object each. No value needs escaping:
 * what is text comes from numbers.
 */
final class FlowJsonWriter implements FlowWriter, FlowFields.Receiver {
  private final Writer out;
  private final boolean lines;
  private final StringBuilder object = new StringBuilder(2048);
  private String prefix = "";
  private boolean any;

  private FlowJsonWriter(Writer out, boolean lines) {
    this.out = out;
    this.lines = lines;
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
    object.setLength(0);
    object.append(lines ? "{" : any ? ",\n{" : "\n{");
    FlowFields.give(flow, this);
    // Behind the last field is a comma and a space.
    object.setLength(object.length() - 2);
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

  @Override
  public void prefix(String prefix) {
    this.prefix = prefix;
  }

  @Override
  public void text(String name, String value) {
    name(name).append('"').append(value).append("\", ");
  }

  @Override
  public void number(String name, long value) {
    name(name).append(value).append(", ");
  }

  @Override
  public void real(String name, double value) {
    name(name).append(value).append(", ");
  }

  @Override
  public void none(String name) {
    name(name).append("null, ");
  }

  private StringBuilder name(String name) {
    return object.append('"').append(prefix).append(name).append("\": ");
  }
}
