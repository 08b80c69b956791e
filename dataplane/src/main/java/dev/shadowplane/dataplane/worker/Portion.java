package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.mirror.Sampler;
import org.jspecify.annotations.Nullable;

/**
 * How much of what a rule matches, and its percentage leaves, is taken by one worker.
 *
 * @param snapBytes how many bytes of a frame go to the journal
 * @param anonymisation the number of the anonymisation that frames for the journal undergo, from 1
 *     on; 0 for none
 * @param sampler applies the rule's limits; null when it has none
 */
public record Portion(int snapBytes, int anonymisation, @Nullable Sampler sampler) {}
