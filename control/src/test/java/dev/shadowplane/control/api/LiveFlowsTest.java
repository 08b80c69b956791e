package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.OffsetEpochNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LiveFlowsTest {
  private final EpochNanoClock clock = new OffsetEpochNanoClock();
  private final AnalyticsAgent agent =
      new AnalyticsAgent(
          FlowTableConfig.DEFAULT, (flow, reason) -> {}, AnalyticsCounters.NONE, clock);
  private final LiveFlows flows = new LiveFlows(agent.queries(), clock, RuleNames.NONE);
  private final RecordSender sender = new RecordSender();

  @AfterEach
  void close() {
    agent.onClose();
  }

  @Test
  void turnsRecordsOfTheAttachmentIntoFlows() {
    agent.recordRings().attached(1, List.of(sender.ring()));
    sender.send(2);
    final FlowSnapshot snapshot = top(10);
    assertThat(snapshot.getActiveFlows()).isEqualTo(1);
    final Flow flow = snapshot.getFlows(0);
    assertThat(snapshot.getFlowsCount()).isEqualTo(1);
    assertThat(flow.getSrcIp() + ":" + flow.getSrcPort()).isEqualTo("10.0.0.1:1234");
    assertThat(flow.getDstIp() + ":" + flow.getDstPort()).isEqualTo("10.0.0.2:53");
    assertThat(flow.getProtocol()).isEqualTo(17);
    assertThat(flow.hasVlan()).isFalse();
    assertThat(flow.getSrcToDst().getPackets()).isEqualTo(2);
    assertThat(flow.getSrcToDst().getBytes()).isEqualTo(2L * RecordSender.FRAME_BYTES);
    assertThat(flow.getSrcToDst().getFirstSeenNs()).isPositive();
    assertThat(flow.getDstToSrc().getPackets()).isZero();
  }

  @Test
  void answersManyWithOneWalk() {
    agent.recordRings().attached(1, List.of(sender.ring()));
    sender.send(1);
    final List<CompletableFuture<FlowSnapshot>> answers =
        IntStream.range(0, 1_000)
            .mapToObj(i -> flows.top(i % 2 + 1, FlowOrder.FLOW_ORDER_PACKETS))
            .toList();
    for (final CompletableFuture<FlowSnapshot> answer : answers) {
      assertThat(drive(answer).getFlowsCount()).isEqualTo(1);
    }
    assertThat(answers.stream().map(answer -> answer.join().getTimeNs()).distinct()).hasSize(1);
  }

  private FlowSnapshot top(final int limit) {
    while (sender.ring().size() > 0) {
      agent.doWork();
    }
    return drive(flows.top(limit, FlowOrder.FLOW_ORDER_BYTES));
  }

  private FlowSnapshot drive(final CompletableFuture<FlowSnapshot> answer) {
    while (!answer.isDone()) {
      agent.doWork();
    }
    return answer.join();
  }
}
