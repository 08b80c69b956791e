package dev.shadowplane.dataplane.config;

import java.nio.file.Path;

/**
 * The journal.
 *
 * @param directory where its files lie
 * @param ringBytes size of the ring between a worker and the journal agent, a power of two
 */
public record JournalConfig(Path directory, int ringBytes) {}
