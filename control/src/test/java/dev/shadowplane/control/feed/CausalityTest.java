package dev.shadowplane.control.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class CausalityTest {
  private final Backlog backlog = new Backlog();
  private final Causality events = new Causality(backlog);

  private void client(final int bytes, final long seen) {
    events.add(new Causality.Client(new byte[bytes], 0, seen, Causality.End.NONE));
  }

  private void server(final int bytes) {
    events.add(new Causality.Server(new byte[bytes], 0, bytes, 0));
  }

  private List<String> taken() {
    final List<String> taken = new ArrayList<>();
    while (events.peek() != null) {
      final Causality.Event event = Objects.requireNonNull(events.peek());
      taken.add(
          switch (event) {
            case Causality.Client client -> "C" + client.bytes().length;
            case Causality.Server server -> "S" + server.count() + "+" + server.offset();
          });
      events.remove(event);
    }
    return taken;
  }

  @Test
  void theClientComesBehindWhatItHadSeenAndBeforeTheRest() {
    server(10);
    server(20);
    client(1, 0);
    client(2, 15);
    client(3, 30);
    assertThat(taken()).containsExactly("C1", "S10+0", "S5+0", "C2", "S15+5", "C3");
    assertThat(backlog.bytes()).isZero();
  }

  @Test
  void whatTheClientHadSeenIsWaitedFor() {
    client(1, 10);
    assertThat(taken()).isEmpty();
    server(6);
    assertThat(taken()).containsExactly("S6+0");
    server(6);
    assertThat(taken()).containsExactly("S4+0", "C1", "S2+4");
  }

  @Test
  void theEndOfTheServerIsSeenAsAByteIs() {
    server(5);
    client(1, 6);
    assertThat(taken()).containsExactly("S5+0");
    server(0);
    assertThat(taken()).containsExactly("S0+0", "C1");
    assertThat(events.isOver()).isFalse();
    events.complete();
    assertThat(events.isOver()).isTrue();
  }

  @Test
  void whatNeverComesIsNotWaitedForAtTheEnd() {
    client(1, 10);
    events.complete();
    assertThat(taken()).containsExactly("C1");
    client(100, 0);
    events.clear();
    assertThat(backlog.bytes()).isZero();
  }
}
