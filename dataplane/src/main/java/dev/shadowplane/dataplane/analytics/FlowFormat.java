package dev.shadowplane.dataplane.analytics;

import java.io.IOException;
import java.io.Writer;

/** The forms in which flows are written. */
public enum FlowFormat {
  /** Aligned columns for people. */
  TEXT {
    @Override
    public FlowWriter open(Writer out) throws IOException {
      return new FlowTextWriter(out);
    }
  },
  /** An array with one object a flow. */
  JSON {
    @Override
    public FlowWriter open(Writer out) throws IOException {
      return FlowJsonWriter.array(out);
    }
  },
  /** A header line, then a line a flow (RFC 4180, lines end with LF). */
  CSV {
    @Override
    public FlowWriter open(Writer out) throws IOException {
      return new FlowCsvWriter(out);
    }
  };

  /**
   * Begins to write flows.
   *
   * @param out stays open, and should buffer
   * @return the writer, to be closed to end what it writes
   * @throws IOException when it cannot be written
   */
  public abstract FlowWriter open(Writer out) throws IOException;

  /**
   * Begins to write flows of which there is no last one: as {@link #open}, but JSON is an object a
   * line.
   *
   * @param out stays open, and should buffer
   * @return the writer
   * @throws IOException when it cannot be written
   */
  public FlowWriter openStream(Writer out) throws IOException {
    return this == JSON ? FlowJsonWriter.lines(out) : open(out);
  }
}
