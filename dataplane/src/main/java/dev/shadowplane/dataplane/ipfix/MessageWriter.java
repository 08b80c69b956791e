package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.BitUtil;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Makes the messages of one transport session (RFC 7011, section 3). A template goes ahead of the
 * first record that needs it, in the same message, and again before one that finds it too old. On
 * one thread.
 */
final class MessageWriter {
  /** How old templates may get. */
  record TemplateAge(long maxNs, long maxMessages) {
    /** They are sent once, as over TCP and in files. */
    static final TemplateAge UNLIMITED = new TemplateAge(Long.MAX_VALUE, Long.MAX_VALUE);
  }

  private static final int VERSION = 10;
  private static final int HEADER_BYTES = 16;
  private static final int SET_HEADER_BYTES = 4;
  private static final int TEMPLATE_SET = 2;
  private static final int ALIGNMENT = 4;

  private final IpfixConfig config;
  private final int maxBytes;
  private final TemplateAge templateAge;
  private final EpochClock epochClock;
  private final NanoClock nanoClock;
  private final Consumer<Message> sink;

  private final @Nullable FlowTemplate[] templates = new FlowTemplate[FlowTemplate.SHAPES];
  private final long[] announcedNs = new long[FlowTemplate.SHAPES];
  private final long[] announcedMessage = new long[FlowTemplate.SHAPES];
  private final boolean[] announced = new boolean[FlowTemplate.SHAPES];

  private ByteBuffer message;
  private int setStart;
  private int setId;
  private int messageRecords;
  private int messageTemplates;
  private long beganNs;
  private long messages;
  private long sequence;

  /**
   * The writer of a new session: no template is known to the collector, and sequence numbers begin
   * at 0.
   *
   * @param config what records tell
   * @param maxBytes of a message; enough for every template with a record of it
   * @param templateAge when templates are repeated
   * @param epochClock for export times
   * @param nanoClock for the age of templates and messages
   * @param sink takes each finished message
   */
  MessageWriter(
      IpfixConfig config,
      int maxBytes,
      TemplateAge templateAge,
      EpochClock epochClock,
      NanoClock nanoClock,
      Consumer<Message> sink) {
    this.config = config;
    this.maxBytes = maxBytes;
    this.templateAge = templateAge;
    this.epochClock = epochClock;
    this.nanoClock = nanoClock;
    this.sink = sink;
    message = begin();
  }

  /**
   * Writes a flow: one record, or without biflow one for each direction that had packets. At most
   * two messages are finished by it.
   */
  void write(Flow flow) {
    if (config.biflow()) {
      writeRecord(flow);
    } else {
      if (flow.srcToDst().packets() > 0) {
        writeRecord(Uniflows.forward(flow));
      }
      if (flow.dstToSrc().packets() > 0) {
        writeRecord(Uniflows.reverse(flow));
      }
    }
  }

  /** Finishes the message that has been begun, if there is anything in it. */
  void flush() {
    if (message.position() == HEADER_BYTES) {
      return;
    }
    endSet();
    final int length = message.position();
    message.putShort(0, (short) VERSION);
    message.putShort(2, (short) length);
    message.putInt(4, (int) TimeUnit.MILLISECONDS.toSeconds(epochClock.time()));
    message.putInt(8, (int) sequence);
    message.putInt(12, (int) config.domain());
    message.flip();
    sequence += messageRecords;
    messages++;
    final Message finished = new Message(message, messageRecords, messageTemplates);
    message = begin();
    sink.accept(finished);
  }

  /** Sends each template again before its next record: the collector may not have got it. */
  void forgetTemplates() {
    Arrays.fill(announced, false);
  }

  /** Records in the message that has been begun. */
  int unfinishedRecords() {
    return messageRecords;
  }

  /** When the message that has been begun got its first record, by the clock of ns. */
  long beganNs() {
    return beganNs;
  }

  private void writeRecord(Flow flow) {
    final int shape = FlowTemplate.shapeOf(flow);
    FlowTemplate template = templates[shape];
    if (template == null) {
      template = FlowTemplate.of(shape, config.biflow(), config.enterprise());
      templates[shape] = template;
    }
    final long nowNs = nanoClock.nanoTime();
    if (lengthWith(template, isDue(shape, nowNs)) > maxBytes) {
      flush();
    }
    if (isDue(shape, nowNs)) {
      beginSet(TEMPLATE_SET);
      template.putTemplate(message);
      messageTemplates++;
      announced[shape] = true;
      announcedNs[shape] = nowNs;
      announcedMessage[shape] = messages;
    }
    if (setId != template.id()) {
      beginSet(template.id());
    }
    if (messageRecords++ == 0) {
      beganNs = nowNs;
    }
    template.putRecord(flow, message);
  }

  /** How long the message would be with another record, padding included. */
  private int lengthWith(FlowTemplate template, boolean withTemplate) {
    int end = message.position();
    if (withTemplate) {
      end = aligned(end) + SET_HEADER_BYTES + template.bytes();
    }
    if (withTemplate || setId != template.id()) {
      end = aligned(end) + SET_HEADER_BYTES;
    }
    return aligned(end + template.recordBytes());
  }

  private static int aligned(int bytes) {
    return BitUtil.align(bytes, ALIGNMENT);
  }

  private boolean isDue(int shape, long nowNs) {
    return !announced[shape]
        || nowNs - announcedNs[shape] >= templateAge.maxNs
        || messages - announcedMessage[shape] >= templateAge.maxMessages;
  }

  private ByteBuffer begin() {
    setStart = 0;
    setId = 0;
    messageRecords = 0;
    messageTemplates = 0;
    return ByteBuffer.allocate(maxBytes).position(HEADER_BYTES);
  }

  private void beginSet(int id) {
    endSet();
    setStart = message.position();
    setId = id;
    message.putShort((short) id).putShort((short) 0);
  }

  /** Pads it, shorter than any record, so that the next set is aligned. */
  private void endSet() {
    if (setId != 0) {
      message.position(aligned(message.position()));
      message.putShort(setStart + Short.BYTES, (short) (message.position() - setStart));
    }
  }
}
