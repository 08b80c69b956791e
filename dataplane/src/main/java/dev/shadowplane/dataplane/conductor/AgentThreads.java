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

  /** An agent and its thread; closing it ends both. */
  record Running(AgentRunner runner, Thread thread) implements AutoCloseable {
    @Override
    public void close() {
      runner.close();
    }
  }

  AgentThreads(CounterRegistry counters, Consumer<String> log) {
    this.errors = counters.counter(CounterTypes.CONDUCTOR, CounterTypes.conductor("errors"));
    this.log = log;
  }

  /** Starts an agent that rests when it has nothing to do; closing what is returned ends it. */
  Running start(Agent agent) {
    return start(
        agent,
        new BackoffIdleStrategy(10, 20, 1_000, 1_000_000),
        runnable -> Thread.ofPlatform().unstarted(runnable));
  }

  /** Starts the replay agent on its core. */
  Running start(ReplayAgent agent, int core) {
    return start(agent, agent.idleStrategy(), ReplayAgent.threads(core));
  }

  private Running start(Agent agent, IdleStrategy idle, ThreadFactory factory) {
    final AgentRunner runner =
        new AgentRunner(idle, error -> log.accept(agent.roleName() + ": " + error), errors, agent);
    return new Running(runner, AgentRunner.startOnThread(runner, factory));
  }
}
