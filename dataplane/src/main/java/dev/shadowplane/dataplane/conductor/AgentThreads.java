package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.replay.ReplayAgent;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.status.AtomicCounter;

/** Runs agents that are no workers, each on a thread of its own. */
final class AgentThreads {
  private final AtomicCounter errors;
  private final Consumer<String> log;

  AgentThreads(CounterRegistry counters, Consumer<String> log) {
    this.errors = counters.counter(CounterTypes.CONDUCTOR, CounterTypes.conductor("errors"));
    this.log = log;
  }

  /** Starts an agent that rests when it has nothing to do; closing what is returned ends it. */
  AgentRunner start(Agent agent) {
    return start(
        agent,
        new BackoffIdleStrategy(10, 20, 1_000, 1_000_000),
        runnable -> Thread.ofPlatform().unstarted(runnable));
  }

  /** Starts the replay agent on its core. */
  AgentRunner start(ReplayAgent agent, int core) {
    return start(agent, agent.idleStrategy(), ReplayAgent.threads(core));
  }

  private AgentRunner start(Agent agent, IdleStrategy idle, ThreadFactory factory) {
    final AgentRunner runner =
        new AgentRunner(idle, error -> log.accept(agent.roleName() + ": " + error), errors, agent);
    AgentRunner.startOnThread(runner, factory);
    return runner;
  }
}
