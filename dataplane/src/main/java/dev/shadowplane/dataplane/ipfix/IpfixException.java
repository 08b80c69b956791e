package dev.shadowplane.dataplane.ipfix;

/** Flows could not be told; the message says where to, and why. */
public final class IpfixException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IpfixException(String message) {
    super(message);
  }
}
