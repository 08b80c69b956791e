package dev.shadowplane.dataplane.pcap;

import java.io.IOException;

/**
 * A capture that cannot be read further: names the file, the offset of the damage and the reason.
 */
public final class CaptureException extends IOException {
  private final String file;
  private final long offsetBytes;
  private final String reason;

  /**
   * Describes damage.
   *
   * @param file the capture's name
   * @param offsetBytes where the damaged header, record or block begins, from the start of the file
   * @param reason what is wrong there
   */
  public CaptureException(String file, long offsetBytes, String reason) {
    super(file + ": offset " + offsetBytes + ": " + reason);
    this.file = file;
    this.offsetBytes = offsetBytes;
    this.reason = reason;
  }

  /** The capture's name, as given to the reader. */
  public String file() {
    return file;
  }

  /** Where the damaged header, record or block begins, in bytes from the start of the file. */
  public long offsetBytes() {
    return offsetBytes;
  }

  /** What is wrong, without file and offset. */
  public String reason() {
    return reason;
  }
}
