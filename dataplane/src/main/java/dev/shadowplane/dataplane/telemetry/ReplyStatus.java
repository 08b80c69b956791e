package dev.shadowplane.dataplane.telemetry;

import org.jspecify.annotations.Nullable;

/** The outcome of a command. Codes are part of the layout and never reused. */
public enum ReplyStatus {
  /** Done; the text is the answer. */
  OK(0),
  /** The body was refused and nothing changed; the text says why. */
  INVALID(1),
  /** What the body names does not exist; nothing changed. */
  NOT_FOUND(2),
  /** What the body names exists already, or collides with something that does; nothing changed. */
  CONFLICT(3),
  /** The data plane could not do it; the text says why. */
  FAILED(4);

  private static final ReplyStatus[] BY_CODE = new ReplyStatus[5];

  static {
    for (final ReplyStatus status : values()) {
      BY_CODE[status.code] = status;
    }
  }

  private final int code;

  ReplyStatus(final int code) {
    this.code = code;
  }

  /** Returns the code in the event ring. */
  public int code() {
    return code;
  }

  /** Returns the status with this code, or null when there is none. */
  public static @Nullable ReplyStatus ofCode(final int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
