package dev.shadowplane.dataplane.replay;

import org.jspecify.annotations.Nullable;

/**
 * What the owner of a replay, its loader and the agent tell each other. The fields are volatile and
 * each has one writing thread; {@link #revision} tells the agent when to look.
 */
final class ReplayControl {
  /** Grows with every change that the owner makes. */
  private volatile int revision;

  private volatile boolean stopping;
  private volatile boolean paused;

  /** The number of seeks so far, and where the last one goes to. */
  private volatile int generation;

  private volatile long seekNs = Long.MIN_VALUE;

  /** The generation of which enough has been read ahead to begin. The loader. */
  private volatile int primed = -1;

  /** Whether the port's link is up. The loader. */
  private volatile boolean linkUp = true;

  /** The time of the first frame, once {@link #firstKnown}. The loader. */
  private volatile long firstNs;

  private volatile boolean firstKnown;
  private volatile boolean loaderEnded;
  private volatile @Nullable String problem;

  /** Whether the agent has sent its first frame. */
  private volatile boolean began;

  /** The agent has done its last for this replay. */
  private volatile boolean agentEnded;

  /** Whether all was sent that the source has. The agent. */
  private volatile boolean complete;

  int revision() {
    return revision;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // by the owner alone
  private void changed() {
    revision++;
  }

  void stop() {
    stopping = true;
    changed();
  }

  boolean isStopping() {
    return stopping;
  }

  void paused(boolean value) {
    paused = value;
    changed();
  }

  boolean isPaused() {
    return paused;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // by the owner alone
  void seek(long timeNs) {
    seekNs = timeNs;
    generation++;
    changed();
  }

  int generation() {
    return generation;
  }

  long seekNs() {
    return seekNs;
  }

  void primed(int ofGeneration) {
    primed = ofGeneration;
  }

  boolean isPrimed(int ofGeneration) {
    return primed == ofGeneration;
  }

  void linkUp(boolean up) {
    linkUp = up;
  }

  boolean isLinkUp() {
    return linkUp;
  }

  void first(long timestampNs) {
    if (!firstKnown) {
      firstNs = timestampNs;
      firstKnown = true;
    }
  }

  boolean isFirstKnown() {
    return firstKnown;
  }

  long firstNs() {
    return firstNs;
  }

  /** Says why the source cannot be read further. The loader. */
  void problem(String why) {
    if (problem == null) {
      problem = why;
    }
  }

  @Nullable String problem() {
    return problem;
  }

  void loaderEnded() {
    loaderEnded = true;
  }

  boolean hasLoaderEnded() {
    return loaderEnded;
  }

  void began() {
    began = true;
  }

  boolean hasBegun() {
    return began;
  }

  void agentEnded(boolean allSent) {
    complete = allSent;
    agentEnded = true;
  }

  boolean hasAgentEnded() {
    return agentEnded;
  }

  boolean isComplete() {
    return complete;
  }
}
