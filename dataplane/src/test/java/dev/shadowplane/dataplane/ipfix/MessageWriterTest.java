package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.ipfix.Decoder.DataRecord;
import dev.shadowplane.dataplane.ipfix.MessageWriter.TemplateAge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages decoded by the RFC hold what the flows do. */
class MessageWriterTest {
  private static final int ENTERPRISE = 32_473; // RFC 5612: for documentation
  private static final long EPOCH_MS = 1_795_000_000_999L;

  private final List<Message> messages = new ArrayList<>();
  private long nowNs = Long.MAX_VALUE - 1_000;

  @ParameterizedTest
  @CsvSource({
    "true, 0, 1352",
    "true, 32473, 1232",
    "false, 0, 1372",
    "false, 32473, 1232",
    "true, 32473, 65532",
    "true, 0, 1353",
    "true, 0, 1355"
  })
  void shouldTellFlowsOfEveryShape(boolean biflow, long enterprise, int maxBytes) {
    final long seed = System.nanoTime();
    final List<Flow> flows = new RandomFlows(seed).list(3_000);
    final MessageWriter writer =
        writer(config(biflow, enterprise), maxBytes, TemplateAge.UNLIMITED);
    flows.forEach(writer::write);
    writer.flush();
    final Decoder decoder = decode();
    final List<Flow> expected = biflow ? flows : Expected.uniflows(flows);
    assertThat(decoder.records()).as("seed %d", seed).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      Expected.assertTells(decoder.records().get(i), expected.get(i), biflow, enterprise, seed);
    }
    assertThat(decoder.lengths())
        .as("seed %d", seed)
        .allSatisfy(length -> assertThat(length).isLessThanOrEqualTo(maxBytes));
    assertThat(decoder.announced()).as("templates, once each").doesNotHaveDuplicates();
    assertThat(decoder.domain()).isEqualTo(0xffff_fff0L);
    assertThat(decoder.exportTimes()).containsOnly(EPOCH_MS / 1_000);
    assertThat(messages.stream().mapToInt(Message::records).sum()).isEqualTo(expected.size());
  }

  /** A message as long as may be is used to the last byte, and one byte less ends it earlier. */
  @Test
  void shouldFillMessagesToTheLimit() {
    final Flow flow = plain();
    final FlowTemplate template = FlowTemplate.of(FlowTemplate.shapeOf(flow), true, 0);
    final int eleven = 16 + 4 + template.bytes() + 4 + 11 * template.recordBytes();
    final int aligned = (eleven + 3) / 4 * 4;
    for (int limit = aligned - 1; limit <= aligned; limit++) {
      messages.clear();
      final MessageWriter writer = writer(config(true, 0), limit, TemplateAge.UNLIMITED);
      for (int i = 0; i < 11; i++) {
        writer.write(flow);
      }
      writer.flush();
      assertThat(messages)
          .extracting(Message::records)
          .containsExactlyElementsOf(limit == aligned ? List.of(11) : List.of(10, 1));
      if (limit == aligned) {
        assertThat(decode().lengths()).containsExactly(aligned);
      }
    }
  }

  /** Over IPv6 with the least MTU there is room for the longest template and a record of it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldHaveRoomForEveryTemplateAtTheLeastMtu(boolean biflow) {
    for (int shape = 0; shape < FlowTemplate.SHAPES; shape++) {
      final FlowTemplate template = FlowTemplate.of(shape, biflow, ENTERPRISE);
      assertThat(16 + 4 + template.bytes() + 4 + template.recordBytes() + 3)
          .isLessThanOrEqualTo(IpfixConfig.MIN_MTU - 48);
      assertThat(template.fields()).hasSizeLessThanOrEqualTo(60);
    }
  }

  @Test
  void shouldRepeatTemplatesWhenTheyAreOld() {
    final TemplateAge age = new TemplateAge(TimeUnit.SECONDS.toNanos(60), 1_000);
    final MessageWriter writer = writer(config(true, 0), 1_232, age);
    final Flow flow = plain();
    final List<Integer> templates = new ArrayList<>();
    for (int second = 0; second <= 180; second++) {
      writer.write(flow);
      writer.flush();
      templates.add(messages.getLast().templates());
      nowNs += TimeUnit.SECONDS.toNanos(1);
    }
    for (int second = 0; second <= 180; second++) {
      assertThat(templates.get(second)).as("at %d s", second).isEqualTo(second % 60 == 0 ? 1 : 0);
    }
    decode();
  }

  @Test
  void shouldRepeatTemplatesAfterSoManyMessages() {
    final MessageWriter writer = writer(config(true, 0), 1_232, new TemplateAge(Long.MAX_VALUE, 5));
    for (int message = 0; message < 16; message++) {
      writer.write(plain());
      writer.flush();
      assertThat(messages.getLast().templates()).isEqualTo(message % 5 == 0 ? 1 : 0);
    }
    decode();
  }

  @Test
  void shouldRepeatTemplatesThatMayBeLost() {
    final MessageWriter writer = writer(config(true, 0), 1_232, TemplateAge.UNLIMITED);
    writer.write(plain());
    writer.forgetTemplates();
    writer.write(plain());
    writer.write(plain());
    writer.flush();
    assertThat(messages.getLast().templates()).isEqualTo(2);
    assertThat(decode().records()).hasSize(3);
  }

  @Test
  void shouldMakeNoMessageOfNothing() {
    final MessageWriter writer = writer(config(true, 0), 1_232, TemplateAge.UNLIMITED);
    writer.flush();
    writer.write(plain());
    writer.flush();
    writer.flush();
    assertThat(messages).hasSize(1);
  }

  /** What has no number of IANA's goes under no number at all. */
  @Test
  void shouldNameNoEnterpriseThatIsNotConfigured() {
    final MessageWriter writer = writer(config(true, 0), 1_232, TemplateAge.UNLIMITED);
    new RandomFlows(1).list(1_000).forEach(writer::write);
    writer.flush();
    assertThat(decode().records().stream().map(DataRecord::fields))
        .allSatisfy(fields ->
            assertThat(fields.keySet())
                .extracting(Decoder.Element::enterprise)
                .containsAnyOf(0L, 29_305L)
                .isSubsetOf(0L, 29_305L));
  }

  private static IpfixConfig config(boolean biflow, long enterprise) {
    return new IpfixConfig(
        IpfixConfig.Transport.UDP, "::1", 4739, 1_400, biflow, 60, 1_000, enterprise, 0xffff_fff0L);
  }

  private MessageWriter writer(IpfixConfig config, int maxBytes, TemplateAge age) {
    return new MessageWriter(config, maxBytes, age, () -> EPOCH_MS, () -> nowNs, messages::add);
  }

  private Decoder decode() {
    final Decoder decoder = new Decoder();
    messages.forEach(message -> decoder.message(message.bytes().duplicate()));
    return decoder;
  }

  private static Flow plain() {
    final Flow.Direction direction =
        new Flow.Direction(1L << 40, 3L << 50, 1L << 51, 0x12, 5, 7, null);
    return new Flow(
        "192.0.2.1",
        1,
        "192.0.2.2",
        2,
        6,
        Flow.NO_VLAN,
        5,
        7,
        direction,
        direction,
        dev.shadowplane.dataplane.analytics.EndReason.IDLE,
        null);
  }
}
