package dev.shadowplane.dataplane.conductor;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.status.AtomicCounter;

/** Runs an agent and publishes the longest time between two of its duty cycles. */
final class StallTracker implements Agent {
  private final Agent agent;
  private final AtomicCounter longestGapNs;
  private long lastNs;

  StallTracker(Agent agent, AtomicCounter longestGapNs) {
    this.agent = agent;
    this.longestGapNs = longestGapNs;
  }

  @Override
  public void onStart() {
    lastNs = System.nanoTime();
    agent.onStart();
  }

  @Override
  public int doWork() throws Exception {
    final long nowNs = System.nanoTime();
    if (lastNs != 0) {
      longestGapNs.proposeMaxRelease(nowNs - lastNs);
    }
    lastNs = nowNs;
    return agent.doWork();
  }

  @Override
  public void onClose() {
    agent.onClose();
  }

  @Override
  public String roleName() {
    return agent.roleName();
  }
}
