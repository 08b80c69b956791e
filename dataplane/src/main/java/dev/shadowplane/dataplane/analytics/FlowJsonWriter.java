package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;

/** Flows as a JSON array. No value needs escaping: addresses and reasons are all the text. */
final class FlowJsonWriter implements FlowWriter, FlowFields.Receiver {
  private final Writer out;
  private final StringBuilder object = new StringBuilder(512);
  private boolean any;

  FlowJsonWriter(Writer out) throws IOException {
    this.out = out;
    out.write('[');
  }

  @Override
  public void write(Flow flow) throws IOException {
    object.setLength(0);
    FlowFields.give(flow, this);
    out.append(any ? ",\n" : "\n").append(object).append('}');
    any = true;
  }

  @Override
  public void close() throws IOException {
    out.write(any ? "\n]\n" : "]\n");
    out.flush();
  }

  @Override
  public void text(String name, String value) {
    name(name).append('"').append(value).append('"');
  }

  @Override
  public void number(String name, long value) {
    name(name).append(value);
  }

  @Override
  public void none(String name) {
    name(name).append("null");
  }

  private StringBuilder name(String name) {
    return object.append(object.isEmpty() ? "{\"" : ", \"").append(name).append("\": ");
  }
}
