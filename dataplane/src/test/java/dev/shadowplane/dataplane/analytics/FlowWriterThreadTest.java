package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Flows written by another thread. */
@Timeout(60)
final class FlowWriterThreadTest {
  private static final int FLOWS = 10_001;

  /** Keeps what it is given, and fails at one flow. */
  private static final class Keeper implements FlowWriter {
    private final List<Flow> flows = new ArrayList<>();
    private final int failsAt;
    private boolean closed;

    Keeper(int failsAt) {
      this.failsAt = failsAt;
    }

    @Override
    public void write(Flow flow) throws IOException {
      if (flows.size() == failsAt) {
        throw new IOException("no space at " + failsAt);
      }
      flows.add(flow);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static Flow flow(int number) {
    final Flow.Direction direction = new Flow.Direction(number, 0, 0, 0, 0, 0, null);
    return new Flow(
        "10.0.0.1", number, "10.0.0.2", 0, 17, 0, 0, 0, direction, direction, EndReason.IDLE, null);
  }

  @Test
  void writesAllInTheirOrderBeforeItIsClosed() throws IOException {
    final Keeper keeper = new Keeper(-1);
    final List<Flow> expected = new ArrayList<>();
    try (FlowWriter writer = new FlowWriterThread(keeper)) {
      for (int i = 0; i < FLOWS; i++) {
        expected.add(flow(i));
        writer.write(expected.getLast());
      }
    }
    assertThat(keeper.flows).isEqualTo(expected);
    assertThat(keeper.closed).isTrue();
  }

  @Test
  void tellsOfAFailureAndHoldsNobodyUp() {
    final Keeper keeper = new Keeper(FLOWS / 2);
    assertThatThrownBy(
            () -> {
              try (FlowWriter writer = new FlowWriterThread(keeper)) {
                for (int i = 0; i < FLOWS; i++) {
                  writer.write(flow(i));
                }
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessage("no space at " + FLOWS / 2);
    assertThat(keeper.flows).hasSize(FLOWS / 2);
    assertThat(keeper.closed).isFalse();
  }
}
