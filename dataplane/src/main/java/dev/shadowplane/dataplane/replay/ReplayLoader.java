package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.encap.FrameShaper;
import dev.shadowplane.dataplane.mirror.CopyShed;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * Reads ahead for one replay: chooses frames, puts them in order, works out when they are due,
 * changes what is to be changed, and fills the ring. A thread of its own, which may wait for the
 * disk and for room; in steady state it allocates nothing.
 */
final class ReplayLoader implements Runnable, FrameShaper.Output {
  private static final int ETHERNET_BYTES = 14;
  private static final long PARK_NS = 50_000;
  private static final long LINK_CHECK_NS = 10_000_000;
  private static final long NEXT_HOP_PATIENCE_NS = 5_000_000_000L;

  /** Frames between two looks at the clock while there is room in the ring. */
  private static final int CHECK_EVERY = 256;

  private final FrameSource source;
  private final FrameSelector selector;
  private final FrameShaper shaper;
  private final ReplayControl control;
  private final ReplayCounters counters;
  private final ReplayRequest request;
  private final FrameRing ring;
  private final ReplayPort port;
  private final ReorderWindow window;
  private final ReplaySchedule schedule;
  private final int maxFrameBytes;

  private int generation;
  private int loop;
  private long framesOfLoop;
  private boolean finished;
  private long releasedNs = Long.MIN_VALUE;
  private long dueNs;
  private long positionNs;
  private long nextLinkCheckNs = System.nanoTime();
  private int untilCheck;

  /** Written here, read by whoever asks for progress. */
  private volatile long positionBytes;

  ReplayLoader(
      FrameSource source,
      FrameSelector selector,
      FrameShaper shaper,
      ReplayControl control,
      ReplayCounters counters,
      ReplayRequest request,
      FrameRing ring,
      ReplayPort port) {
    this.source = source;
    this.selector = selector;
    this.shaper = shaper;
    this.control = control;
    this.counters = counters;
    this.request = request;
    this.ring = ring;
    this.port = port;
    this.window = new ReorderWindow(request.limits().windowFrames(), request.limits().windowNs());
    this.schedule = new ReplaySchedule(request.timing(), request.limits().maxGapNs());
    this.maxFrameBytes = Math.min(shaper.maxFrameBytes(), ReorderWindow.MAX_FRAME_BYTES);
  }

  /** How much of the source has been read, in bytes, or {@link FrameSource#UNKNOWN}. */
  long positionBytes() {
    return positionBytes;
  }

  @Override
  public void run() {
    try (source;
        selector;
        window) {
      awaitNextHop();
      load();
    } catch (IOException e) {
      control.problem(String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      control.problem("this should not happen, please report it: " + e);
    } finally {
      control.loaderEnded();
    }
  }

  private void load() throws IOException {
    long idleSinceNs = 0;
    while (!control.isStopping() && !control.hasAgentEnded()) {
      if (generation != control.generation()) {
        seek();
      }
      if (--untilCheck < 0) {
        untilCheck = CHECK_EVERY;
        checkLink(System.nanoTime());
        positionBytes = source.positionBytes();
      }
      if (finished) {
        untilCheck = 0;
        LockSupport.parkNanos(LINK_CHECK_NS);
      } else if (next()) {
        idleSinceNs = 0;
      } else if (!source.isGrowing() || control.problem() != null) {
        endOfLoop();
      } else {
        // Held frames wait for others for as long as these might be apart, and no longer.
        final long nowNs = System.nanoTime();
        idleSinceNs = idleSinceNs == 0 ? nowNs : idleSinceNs;
        if (nowNs - idleSinceNs > request.limits().windowNs()) {
          drain();
          control.primed(generation);
        }
        untilCheck = 0;
        LockSupport.parkNanos(PARK_NS);
      }
    }
  }

  /** Takes the next frame in; false when there is none. */
  private boolean next() throws IOException {
    try {
      if (!source.next()) {
        return false;
      }
    } catch (IOException e) {
      // What was read before counts, as at the end of a shorter source.
      control.problem(String.valueOf(e.getMessage()));
      return false;
    }
    final int length = source.capturedLengthBytes();
    if (source.linkType() != LinkType.ETHERNET) {
      add(counters.dropped(DropReason.LINK_TYPE));
      return true;
    }
    if (length < ETHERNET_BYTES || length > maxFrameBytes) {
      add(counters.dropped(length < ETHERNET_BYTES ? DropReason.TOO_SHORT : DropReason.TOO_LONG));
      return true;
    }
    if (!selector.selects(source, length)) {
      add(counters.filtered);
      return true;
    }
    while (!window.hasRoom(length)) {
      release();
    }
    window.add(source.timestampNs(), source.frameAddress(), length);
    while (window.isDue()) {
      release();
    }
    return true;
  }

  private void drain() {
    while (!window.isEmpty() && !isInterrupted()) {
      release();
    }
  }

  /** Hands the earliest frame on. */
  private void release() {
    window.take();
    long timestampNs = window.timestampNs();
    if (timestampNs < releasedNs) {
      add(counters.late(LateReason.WINDOW));
      timestampNs = releasedNs;
    }
    releasedNs = timestampNs;
    control.first(timestampNs);
    positionNs = timestampNs;
    final int length = window.lengthBytes();
    dueNs = schedule.due(timestampNs, length);
    add(counters.loaded);
    framesOfLoop++;
    final @Nullable CopyShed shed =
        shaper.shape(
            window.frameAddress(),
            length,
            shaper.needsHash() ? selector.hash(window.frameAddress(), length) : 0,
            timestampNs,
            this);
    if (shed != null) {
      add(counters.dropped(DropReason.of(shed)));
    }
    if (shaper.isQuestionDue()) {
      shaper.question(this::question);
    }
  }

  @Override
  public void packet(long address, int lengthBytes) {
    put(FrameRing.FRAME, address, lengthBytes);
  }

  private void question(long address, int lengthBytes) {
    put(FrameRing.QUESTION, address, lengthBytes);
  }

  /** Waits for room, unless what it waits for has lost its purpose. */
  private void put(int type, long address, int lengthBytes) {
    while (!ring.offer(type, dueNs, positionNs, loop, generation, address, lengthBytes)) {
      control.primed(generation);
      if (isInterrupted()) {
        return;
      }
      LockSupport.parkNanos(PARK_NS);
      checkLink(System.nanoTime());
    }
    if (untilCheck == 0 && ring.isHalfFull()) {
      control.primed(generation);
    }
  }

  private boolean isInterrupted() {
    return control.isStopping() || generation != control.generation();
  }

  /**
   * Sends what is held back; then begins again, if that is wanted, or says that nothing follows.
   */
  private void endOfLoop() throws IOException {
    drain();
    if (isInterrupted()) {
      return;
    }
    final boolean again = request.loops() == ReplayRequest.FOR_EVER || loop + 1 < request.loops();
    if (again && framesOfLoop > 0) {
      loop++;
      framesOfLoop = 0;
      releasedNs = Long.MIN_VALUE;
      window.clear();
      source.seek(Long.MIN_VALUE);
      schedule.loop();
      return;
    }
    put(FrameRing.END, 0, 0);
    control.primed(generation);
    finished = true;
  }

  private void seek() throws IOException {
    generation = control.generation();
    finished = false;
    window.clear();
    schedule.restart();
    releasedNs = Long.MIN_VALUE;
    source.seek(control.seekNs());
  }

  /** Nothing is sent to a collector before its neighbour has told where it is. */
  private void awaitNextHop() {
    final long untilNs = System.nanoTime() + NEXT_HOP_PATIENCE_NS;
    while (!shaper.isReachable() && !control.isStopping() && System.nanoTime() - untilNs < 0) {
      if (shaper.isQuestionDue()) {
        shaper.question(this::question);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private void checkLink(long nowNs) {
    if (nowNs - nextLinkCheckNs >= 0) {
      nextLinkCheckNs = nowNs + LINK_CHECK_NS;
      control.linkUp(port.link().getAsBoolean());
    }
  }

  private static void add(AtomicCounter counter) {
    counter.setRelease(counter.getPlain() + 1);
  }
}
