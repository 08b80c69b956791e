package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.mirror.Sampler;
import org.jspecify.annotations.Nullable;

/**
 * How much of what a rule matches, and its percentage leaves, is taken by one worker.
 *
 * @param snapBytes how many bytes of a frame go to the journal
 * @param sampler applies the rule's limits; null when it has none
 */
public record Portion(int snapBytes, @Nullable Sampler sampler) {}
