package dev.shadowplane.control.model;

/**
 * How to see that an instance of a service works.
 *
 * @param kind what is asked.
 * @param path the path of an HTTP check, which any status below 400 passes; empty otherwise.
 * @param timeoutMs how long an answer may take, 10 to 60,000.
 */
public record ServiceCheck(Kind kind, String path, int timeoutMs) {
  /** What is asked. */
  public enum Kind {
    /** Whether the process runs. */
    PROCESS,
    /** Whether a TCP connection is accepted. */
    TCP,
    /** Whether a GET request is answered. */
    HTTP
  }
}
