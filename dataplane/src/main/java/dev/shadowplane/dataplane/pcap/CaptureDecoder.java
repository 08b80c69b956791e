package dev.shadowplane.dataplane.pcap;

import java.io.IOException;

/** Finds the frames of one file format in the input. */
interface CaptureDecoder {
  /**
   * Moves to the next frame.
   *
   * @param frame filled when there is one
   * @return false at the regular end of the file
   * @throws CaptureException when the file is damaged here
   * @throws IOException when it cannot be read
   */
  boolean next(CaptureFrame frame) throws IOException;

  /** The format's name. */
  String format();

  /** Interfaces described so far. */
  long interfaces();
}
