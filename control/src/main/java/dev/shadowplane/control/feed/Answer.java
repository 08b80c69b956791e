package dev.shadowplane.control.feed;

/**
 * What a server answered.
 *
 * @param status the status of HTTP; 0 where the protocol has none that is known.
 * @param bytes of the body as it was transferred, chunking undone; of other protocols, all bytes.
 * @param sha256 of those bytes, hexadecimal.
 * @param latencyNs from the last byte of the request to the last of the answer.
 */
public record Answer(int status, long bytes, String sha256, long latencyNs) {}
