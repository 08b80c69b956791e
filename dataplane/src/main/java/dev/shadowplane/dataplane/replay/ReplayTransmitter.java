package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import dev.shadowplane.dpdk.TxQueue;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * Sends the frames of one replay at their times. The replay agent's thread; allocates nothing and
 * never waits. Frames are copied into buffers ahead of their time, so that at their time nothing is
 * left but to hand them to the driver; those that are due together go in one burst.
 */
final class ReplayTransmitter implements ControlledMessageHandler {
  /** The most frames that are handed to the driver at once. */
  static final int BURST = 64;

  /** Frames in buffers that wait for their time; a power of two. */
  private static final int PENDING = 4 * BURST;

  /** Between the decision to begin and the time of the first frame. */
  static final long LEAD_NS = 1_000_000;

  /** Frames that are copied at a time while others wait for their time. */
  private static final int SMALL_REFILL = 4;

  /** How near the next frame's time has to be for copying others to be put off. */
  private static final long NEAR_NS = 5_000;

  private final FrameRing ring;
  private final ReplayControl control;
  private final ReplayCounters counters;
  private final TxQueue queue;
  private final MbufAllocator allocator;
  private final SingleWriterRecorder errors;
  private final NanoClock clock;
  private final long lateLimitNs;
  private final boolean topSpeed;

  /** A circle: {@link #head} to {@link #tail}, both growing, are used. */
  private final MbufBurst pending = new MbufBurst(PENDING);

  private final long[] dueNs = new long[PENDING];
  private final long[] positionNs = new long[PENDING];
  private final int[] length = new int[PENDING];
  private final int[] loop = new int[PENDING];

  /** Why it will be late if it is; null if the fault will be the agent's. */
  private final @Nullable LateReason[] mark = new LateReason[PENDING];

  private final MbufBurst one = new MbufBurst(1);
  private int head;
  private int tail;
  private int refillFrom;

  private int revision = -1;
  private int generation;
  private boolean paused;
  private long pausedNs;

  /** Whether {@link #beginningNs}, which times are relative to, is known. */
  private boolean anchored;

  private long beginningNs;
  private boolean ended;
  private boolean over;

  /** Whether the ring had nothing when it was looked at last. */
  private boolean starved;

  private boolean withoutMbufs;

  /** Whether the driver has refused the frame at {@link #head}. */
  private boolean refused;

  private long nowNs;

  /** When the first frame was due and the last was sent; read by others. */
  private volatile long firstSentNs;

  private volatile long lastSentNs;

  ReplayTransmitter(
      FrameRing ring,
      ReplayControl control,
      ReplayCounters counters,
      ReplayPort port,
      ReplayRequest request,
      SingleWriterRecorder errors,
      NanoClock clock) {
    this.ring = ring;
    this.control = control;
    this.counters = counters;
    this.queue = port.queue();
    this.allocator = new MbufAllocator(port.pool(), BURST);
    this.errors = errors;
    this.clock = clock;
    this.lateLimitNs = request.limits().lateNs();
    this.topSpeed = request.timing() instanceof ReplayTiming.TopSpeed;
  }

  /** From the first frame to the last one so far; any thread. */
  long durationNs() {
    return lastSentNs - firstSentNs;
  }

  /** Whether it has done its last, and holds no buffer any more. */
  boolean isOver() {
    return over;
  }

  /**
   * Does what is due.
   *
   * @return how much was done
   */
  int doWork() {
    if (over) {
      return 0;
    }
    nowNs = clock.nanoTime();
    if (revision != control.revision()) {
      follow();
      if (over) {
        return 1;
      }
    }
    if (paused) {
      return 0;
    }
    if (!anchored && !begin()) {
      return 0;
    }
    int work = 0;
    if (head == tail || !isNear()) {
      work = refill();
    }
    if (head != tail) {
      work += send();
    } else if (ended) {
      end(true);
    }
    return work;
  }

  /** Does what the owner has asked for since. */
  private void follow() {
    revision = control.revision();
    if (control.isStopping()) {
      end(false);
      return;
    }
    if (generation != control.generation()) {
      generation = control.generation();
      discard();
      anchored = false;
      ended = false;
    }
    if (paused != control.isPaused()) {
      paused = !paused;
      if (paused) {
        pausedNs = nowNs;
      } else {
        beginningNs += nowNs - pausedNs;
      }
    }
  }

  /** Begins when enough has been read ahead. Questions go out before. */
  private boolean begin() {
    if (head != tail) {
      // Times of questions are relative to another beginning: they go first.
      send();
      return false;
    }
    if (!control.isPrimed(generation)) {
      ring.read(this, BURST);
      return false;
    }
    beginningNs = nowNs + LEAD_NS;
    anchored = true;
    starved = false;
    if (!control.hasBegun()) {
      firstSentNs = beginningNs;
      lastSentNs = beginningNs;
      control.began();
    }
    return true;
  }

  private boolean isNear() {
    final int waiting = tail - head;
    return waiting > PENDING - BURST
        || (!topSpeed
            && (waiting >= BURST || beginningNs + dueNs[head & (PENDING - 1)] - nowNs < NEAR_NS));
  }

  private int refill() {
    refillFrom = tail;
    final int read = ring.read(this, BURST);
    starved = read == 0 && !withoutMbufs;
    return read;
  }

  @Override
  public Action onMessage(int type, MutableDirectBuffer buffer, int index, int bytes) {
    if (buffer.getInt(index + FrameRing.GENERATION) != generation) {
      return Action.CONTINUE;
    }
    final boolean question = type == FrameRing.QUESTION;
    if ((!anchored && !question) || tail - head == PENDING || isEnough()) {
      return Action.ABORT;
    }
    if (type == FrameRing.END) {
      ended = true;
      return Action.CONTINUE;
    }
    final int frameBytes = bytes - FrameRing.HEAD_BYTES;
    final long mbuf = copy(buffer.addressOffset() + index + FrameRing.HEAD_BYTES, frameBytes);
    if (mbuf == 0) {
      withoutMbufs = true;
      return Action.ABORT;
    }
    final int at = tail++ & (PENDING - 1);
    pending.set(at, mbuf);
    length[at] = question ? 0 : frameBytes;
    positionNs[at] = buffer.getLong(index + FrameRing.POSITION);
    loop[at] = buffer.getInt(index + FrameRing.LOOP);
    dueNs[at] = topSpeed || question ? nowNs - beginningNs : buffer.getLong(index + FrameRing.DUE);
    final boolean late = nowNs - beginningNs > dueNs[at];
    mark[at] = withoutMbufs ? LateReason.NO_MBUF : late && starved ? LateReason.SOURCE : null;
    withoutMbufs = false;
    return Action.CONTINUE;
  }

  /** Whether those copied last can wait: what is due meanwhile must not wait for more. */
  private boolean isEnough() {
    return !topSpeed
        && tail - refillFrom >= SMALL_REFILL
        && dueNs[(tail - 1) & (PENDING - 1)] > nowNs - beginningNs;
  }

  /** A chain of buffers with a frame, or 0 when there are not enough. */
  private long copy(long from, int bytes) {
    final long first = allocator.allocate();
    if (first == 0) {
      return 0;
    }
    int copied = Math.min(bytes, Mbuf.room(first));
    NativeMemory.copy(from, Mbuf.data(first), copied);
    Mbuf.length(first, copied);
    while (copied < bytes) {
      final long next = allocator.allocate();
      if (next == 0) {
        one.set(0, first);
        one.free(0, 1);
        return 0;
      }
      final int part = Math.min(bytes - copied, Mbuf.room(next));
      NativeMemory.copy(from + copied, Mbuf.data(next), part);
      Mbuf.length(next, part);
      Mbuf.chain(first, next);
      copied += part;
    }
    return first;
  }

  /** Sends what is due, or gives up what has been refused for too long. */
  private int send() {
    final int first = head & (PENDING - 1);
    final int most = Math.min(Math.min(tail - head, PENDING - first), BURST);
    final long sinceNs = nowNs - beginningNs;
    int due = 0;
    while (due < most && dueNs[first + due] <= sinceNs) {
      due++;
    }
    if (due == 0) {
      return 0;
    }
    if (!control.isLinkUp()) {
      return giveUp(first, due, sinceNs, DropReason.PORT_DOWN);
    }
    if (refused && sinceNs - dueNs[first] > lateLimitNs) {
      return giveUp(first, due, sinceNs, DropReason.PORT_FULL);
    }
    final int taken = queue.send(pending, first, due);
    account(first, taken);
    refused = taken < due;
    if (refused) {
      for (int i = taken; i < due; i++) {
        mark[first + i] = LateReason.PORT;
      }
    }
    head += taken;
    return taken;
  }

  private void account(int first, int taken) {
    if (taken == 0) {
      return;
    }
    final long afterNs = clock.nanoTime() - beginningNs;
    lastSentNs = afterNs + beginningNs;
    long bytes = 0;
    int frames = 0;
    for (int i = first; i < first + taken; i++) {
      if (length[i] == 0) {
        continue;
      }
      frames++;
      bytes += length[i];
      if (!topSpeed) {
        final long errorNs = Math.max(0, afterNs - dueNs[i]);
        errors.recordValue(Math.min(errorNs, Replay.HIGHEST_ERROR_NS));
        if (errorNs > LateReason.LATE_NS) {
          final @Nullable LateReason reason = mark[i];
          add(counters.late(reason == null ? LateReason.CORE : reason), 1);
        }
      }
    }
    add(counters.sent, frames);
    add(counters.bytes, bytes);
    add(counters.scheduled, frames);
    moved(first + taken - 1);
  }

  private void moved(int last) {
    if (length[last] > 0) {
      counters.positionNs.setRelease(positionNs[last] - control.firstNs());
      counters.loops.setRelease(loop[last]);
    }
  }

  private int giveUp(int first, int due, long sinceNs, DropReason reason) {
    int tooLate = 0;
    int frames = 0;
    while (tooLate < due && sinceNs - dueNs[first + tooLate] > lateLimitNs) {
      frames += length[first + tooLate] > 0 ? 1 : 0;
      tooLate++;
    }
    if (tooLate > 0) {
      pending.free(first, tooLate);
      add(counters.dropped(reason), frames);
      add(counters.scheduled, frames);
      moved(first + tooLate - 1);
      head += tooLate;
      refused = false;
    }
    return tooLate;
  }

  private static void add(AtomicCounter counter, long count) {
    counter.setRelease(counter.getPlain() + count);
  }

  private void end(boolean complete) {
    if (complete) {
      add(counters.loops, 1);
    }
    close();
    control.agentEnded(complete);
  }

  /** Gives every buffer back. */
  void close() {
    if (!over) {
      over = true;
      discard();
      allocator.close();
    }
  }

  private void discard() {
    while (head != tail) {
      final int first = head & (PENDING - 1);
      final int count = Math.min(tail - head, PENDING - first);
      pending.free(first, count);
      head += count;
    }
    refused = false;
  }
}
