package dev.shadowplane.dataplane.telemetry;

/**
 * The data plane's answer to one command.
 *
 * @param status the outcome.
 * @param text the answer when {@link ReplyStatus#OK}, else one line that says why.
 */
public record Reply(ReplyStatus status, String text) {}
