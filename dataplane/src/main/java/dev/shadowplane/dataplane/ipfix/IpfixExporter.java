package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.ipfix.IpfixConfig.Transport;
import dev.shadowplane.dataplane.ipfix.MessageWriter.TemplateAge;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Tells flows to a collector. Never waits for it: whoever has flows asks {@link #isReady} and keeps
 * them meanwhile. A collector that goes away is looked for again, at growing intervals of up to
 * {@value #MAX_RETRY_MS} ms; each session begins with templates and sequence number 0.
 *
 * <p>On one thread, that of {@link #advance}; {@link #counter} is for any. Nothing blocks but the
 * resolution of the collector's name, where it has one.
 */
public final class IpfixExporter implements AutoCloseable {
  /** The longest time between attempts to reach a collector, ms. */
  public static final long MAX_RETRY_MS = 10_000;

  private static final long MIN_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long MAX_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(MAX_RETRY_MS);
  private static final long CONNECT_NS = TimeUnit.SECONDS.toNanos(5);
  private static final long STALL_NS = TimeUnit.SECONDS.toNanos(30);
  private static final long TELL_NS = TimeUnit.MINUTES.toNanos(1);
  private static final long FLUSH_NS = TimeUnit.SECONDS.toNanos(1);

  private final IpfixConfig config;
  private final EpochClock epochClock;
  private final NanoClock nanoClock;
  private final Consumer<String> news;
  private final long messageIntervalNs;
  private final Map<IpfixCounter, AtomicLong> counters = new EnumMap<>(IpfixCounter.class);

  private @Nullable CollectorChannel channel;
  private @Nullable MessageWriter writer;
  private final ArrayDeque<Message> finished = new ArrayDeque<>();
  private int sentRecords;
  private long progressNs;
  private long nextMessageNs;
  private long retryNs;
  private long retryAtNs;
  private @Nullable String failure;
  private long toldNs;

  /**
   * Does not connect yet.
   *
   * @param config the collector
   * @param epochClock for the export times of messages
   * @param nanoClock for everything else
   * @param messagesPerSecond the most messages sent in a second, 0 for as many as the kernel takes
   * @param news is told when a session begins or fails, in words; of the same failure once a minute
   */
  public IpfixExporter(
      IpfixConfig config,
      EpochClock epochClock,
      NanoClock nanoClock,
      int messagesPerSecond,
      Consumer<String> news) {
    this.config = config;
    this.epochClock = epochClock;
    this.nanoClock = nanoClock;
    this.news = news;
    messageIntervalNs =
        messagesPerSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / messagesPerSecond;
    for (IpfixCounter counter : IpfixCounter.values()) {
      counters.put(counter, new AtomicLong());
    }
    retryNs = MIN_RETRY_NS;
    retryAtNs = nanoClock.nanoTime();
  }

  /**
   * Whether {@link #take} may be called: there is a session, and no finished message waits.
   *
   * @return true when the collector keeps up
   */
  public boolean isReady() {
    return writer != null && finished.isEmpty();
  }

  /**
   * Takes a flow when {@link #isReady}; it is sent when its message is full or a second old.
   *
   * @param flow a flow that has ended
   */
  public void take(Flow flow) {
    Objects.requireNonNull(writer, "there is no session").write(flow);
    send(nanoClock.nanoTime());
  }

  /** Finishes the message that has been begun, without waiting for it to be full. */
  public void flush() {
    if (writer != null) {
      writer.flush();
    }
  }

  /**
   * Whether everything that was taken has been sent, or was given up.
   *
   * @return true when nothing waits
   */
  public boolean isIdle() {
    return finished.isEmpty() && (writer == null || writer.unfinishedRecords() == 0);
  }

  /**
   * Connects, sends, and notices that the collector has gone.
   *
   * @return 0 when there was nothing to do
   */
  public int advance() {
    final long nowNs = nanoClock.nanoTime();
    if (channel == null) {
      return nowNs - retryAtNs < 0 ? 0 : open(nowNs);
    }
    if (!poll(nowNs)) {
      return 0;
    }
    if (writer != null && writer.unfinishedRecords() > 0 && nowNs - writer.beganNs() >= FLUSH_NS) {
      writer.flush();
    }
    return send(nowNs);
  }

  /**
   * What went wrong last.
   *
   * @return null when nothing has, or a connection has been made since
   */
  public @Nullable String failure() {
    return failure;
  }

  /**
   * What it has done.
   *
   * @param counter of what
   * @return the value, for any thread
   */
  public long counter(IpfixCounter counter) {
    return of(counter).get();
  }

  /**
   * The collector.
   *
   * @return its configuration
   */
  public IpfixConfig config() {
    return config;
  }

  /** Gives up what has not been sent and leaves the collector. */
  @Override
  public void close() {
    leave(IpfixCounter.MISSED_CLOSED);
  }

  /** Adds to a counter. On the thread of {@link #advance}. */
  void count(IpfixCounter counter, long value) {
    of(counter).lazySet(of(counter).get() + value);
  }

  private AtomicLong of(IpfixCounter counter) {
    return Objects.requireNonNull(counters.get(counter));
  }

  private int open(long nowNs) {
    try {
      channel = CollectorChannel.open(config);
      progressNs = nowNs;
      return 1;
    } catch (IOException e) {
      lost(e, nowNs);
      return 0;
    }
  }

  /** Returns whether there is a session. */
  private boolean poll(long nowNs) {
    final CollectorChannel polled = Objects.requireNonNull(channel);
    try {
      if (!polled.poll()) {
        if (nowNs - progressNs >= CONNECT_NS) {
          throw new IOException("it does not answer");
        }
        return false;
      }
      if (writer == null) {
        begin(polled.maxMessageBytes(), nowNs);
      }
    } catch (PortUnreachableException _) {
      refused(nowNs);
    } catch (IOException e) {
      lost(e, nowNs);
    }
    return writer != null;
  }

  private void begin(int maxMessageBytes, long nowNs) {
    writer =
        new MessageWriter(
            config,
            maxMessageBytes,
            config.transport() == Transport.UDP
                ? new TemplateAge(
                    TimeUnit.SECONDS.toNanos(config.templateSeconds()), config.templateMessages())
                : TemplateAge.UNLIMITED,
            epochClock,
            nanoClock,
            finished::add);
    sentRecords = 0;
    nextMessageNs = nowNs;
    count(IpfixCounter.SESSIONS, 1);
    count(IpfixCounter.CONNECTED, 1);
    if (config.transport() == Transport.TCP) {
      failure = null;
      news.accept("IPFIX: connected to " + config.target());
    }
  }

  private int send(long nowNs) {
    int sent = 0;
    try {
      for (Message next = finished.peek();
          next != null && channel != null && nowNs - nextMessageNs >= 0;
          next = finished.peek()) {
        final ByteBuffer bytes = next.bytes();
        final int before = bytes.remaining();
        try {
          channel.write(bytes);
        } catch (PortUnreachableException _) {
          refused(nowNs);
          channel.write(bytes);
        }
        if (bytes.remaining() < before) {
          progressNs = nowNs;
        }
        if (bytes.hasRemaining()) {
          if (nowNs - progressNs >= STALL_NS) {
            throw new IOException("it has taken nothing for a long time");
          }
          return sent;
        }
        finished.remove();
        sent(next, nowNs);
        sent++;
      }
      if (finished.isEmpty()) {
        progressNs = nowNs;
      }
    } catch (IOException e) {
      lost(e, nowNs);
    }
    return sent;
  }

  private void sent(Message message, long nowNs) {
    sentRecords = message.records();
    count(IpfixCounter.MESSAGES, 1);
    count(IpfixCounter.RECORDS, message.records());
    count(IpfixCounter.TEMPLATES, message.templates());
    nextMessageNs = Math.max(nextMessageNs, nowNs - messageIntervalNs) + messageIntervalNs;
    retryNs = MIN_RETRY_NS;
  }

  /** Nobody listens for datagrams there: the last one was for nobody. */
  private void refused(long nowNs) {
    count(IpfixCounter.MISSED_REFUSED, sentRecords);
    sentRecords = 0;
    Objects.requireNonNull(writer).forgetTemplates();
    tell("nobody listens there", nowNs);
  }

  private void lost(IOException why, long nowNs) {
    final boolean udp = config.transport() == Transport.UDP;
    leave(udp ? IpfixCounter.MISSED_REFUSED : IpfixCounter.MISSED_CONNECTION_LOST);
    retryAtNs = nowNs + retryNs;
    retryNs = Math.min(MAX_RETRY_NS, 2 * retryNs);
    tell(String.valueOf(why.getMessage()), nowNs);
  }

  private void leave(IpfixCounter missed) {
    for (Message message : finished) {
      count(missed, message.records());
    }
    finished.clear();
    if (writer != null) {
      count(missed, writer.unfinishedRecords());
      count(IpfixCounter.CONNECTED, -1);
      writer = null;
    }
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        failure = e.getMessage();
      }
      channel = null;
    }
  }

  private void tell(String why, long nowNs) {
    if (!why.equals(failure) || nowNs - toldNs >= TELL_NS) {
      failure = why;
      toldNs = nowNs;
      news.accept("IPFIX: " + config.target() + ": " + why + ": trying again");
    }
  }
}
