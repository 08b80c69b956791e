package dev.shadowplane.control.monitor;

/**
 * How well a source is measured.
 *
 * @param name what it is.
 * @param lastSecond when it was last measured, in seconds since 1970; 0 if never.
 * @param missed how often it was not when it was due.
 * @param problem why it was not; empty if it was the last time.
 */
public record SourceStatus(String name, long lastSecond, long missed, String problem) {}
