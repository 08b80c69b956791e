package dev.shadowplane.dataplane.replay;

import java.io.IOException;

/**
 * Frames with their times, one after the other. One thread. The accessors describe the frame of the
 * last {@link #next} that returned true; its bytes stay valid until the following call.
 */
public interface FrameSource extends AutoCloseable {
  /** Stands for a number of bytes that is not known. */
  long UNKNOWN = -1;

  /**
   * Moves to the next frame.
   *
   * @return false when there is none: none at all, or, of a source that {@link #isGrowing}, none at
   *     present
   * @throws IOException when the source cannot be read further; naming it, the place and the reason
   */
  boolean next() throws IOException;

  /**
   * Whether frames may follow after {@link #next} has returned false.
   *
   * @return true for a source that is being written
   */
  boolean isGrowing();

  /**
   * When the frame was captured.
   *
   * @return nanoseconds since the epoch; any number, in any order
   */
  long timestampNs();

  /**
   * Where the frame lies in native memory.
   *
   * @return its first byte; {@link #capturedLengthBytes} can be read
   */
  long frameAddress();

  /**
   * How much of the frame there is.
   *
   * @return bytes, 0 or more
   */
  int capturedLengthBytes();

  /**
   * The frame's link type.
   *
   * @return a LINKTYPE number
   */
  int linkType();

  /**
   * The name of the port that the frame came in by.
   *
   * @return empty when the source does not say
   */
  String portName();

  /**
   * How far the source has been read.
   *
   * @return bytes, or {@link #UNKNOWN}
   */
  long positionBytes();

  /**
   * How long the source is.
   *
   * @return bytes, or {@link #UNKNOWN}
   */
  long sizeBytes();

  /**
   * Goes to the first frame, in the order of the source, at or after a time.
   *
   * @param timeNs nanoseconds since the epoch; {@link Long#MIN_VALUE} for the beginning
   * @throws IOException when the source cannot be read again
   */
  void seek(long timeNs) throws IOException;

  @Override
  void close() throws IOException;
}
