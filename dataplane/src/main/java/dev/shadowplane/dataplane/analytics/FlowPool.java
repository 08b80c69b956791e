package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putInt;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dpdk.ReservedMemory;

/**
 * The flows of one IP version.
 *
 * <p>Entries keep their place from start to end, so growing moves none; the memory of a full pool
 * is reserved at once and touched as flows come. Used by one thread.
 */
final class FlowPool {
  /** Entries compared when one has to make room. */
  static final int EVICTION_SLOTS = 16;

  private static final int NONE = -1;
  private static final int TCP = 6;
  private static final int SYN = 0x02;
  private static final int SYN_ACK = 0x12;

  private final int capacity;
  private final long idleTimeoutNs;
  private final long activeTimeoutNs;
  private final int entryBytes;
  private final int recordBytes;
  private final FlowIndex index;
  private final FlowKey key;
  private final FlowView view;
  private final ExtensionPool extensions;
  private final FlowSink sink;
  private final FlowChangeSink changes;
  private final boolean telling;
  private final ReservedMemory reserved;
  private final long entries;

  private int highWater;
  private int freeHead = NONE;
  private int size;
  private long evictions;
  private long ended;
  private long nowNs;
  private int evictionCursor;

  FlowPool(
      boolean ipv6,
      FlowTableConfig config,
      ExtensionPool extensions,
      FlowSink sink,
      FlowChangeSink changes) {
    capacity = config.capacity();
    idleTimeoutNs = config.idleTimeoutNs();
    activeTimeoutNs = config.activeTimeoutNs();
    entryBytes = ipv6 ? FlowEntry.IPV6_BYTES : FlowEntry.IPV4_BYTES;
    recordBytes = ipv6 ? PacketRecord.LONG_BYTES : PacketRecord.SHORT_BYTES;
    key = new FlowKey(ipv6);
    view = new FlowView(extensions);
    this.extensions = extensions;
    this.sink = sink;
    this.changes = changes;
    telling = !changes.equals(FlowChangeSink.NONE);
    reserved = new ReservedMemory((long) capacity * entryBytes);
    entries = reserved.address();
    index = new FlowIndex(capacity);
  }

  /**
   * Counts a packet.
   *
   * @param record address of its record, of this pool's version
   * @param timestampNs its time
   * @param tail its {@link FlowKey#tail}
   * @param hash of its key, the same for both directions
   * @param candidate what {@link #candidate} returned for it, whatever has happened since
   */
  void update(long record, long timestampNs, long tail, int hash, int candidate) {
    nowNs = timestampNs;
    final long head = getLong(record);
    final int tcpFlags =
        FlowKey.protocol(tail) == TCP ? getUnsignedByte(record + PacketRecord.TCP_FLAGS) : 0;
    key.load(record, tail);
    final int guessed = key.direction(entry(candidate));
    int found = guessed >= 0 ? candidate << 1 | guessed : find(hash);
    if (found < 0) {
      found = insert(hash, (tcpFlags & SYN_ACK) == SYN_ACK);
    } else {
      final long entry = entry(found >>> 1);
      final long gapNs = Math.abs(timestampNs - FlowEntry.lastNs(entry));
      final boolean reopened = (tcpFlags & SYN_ACK) == SYN && FlowEntry.isClosed(entry);
      if (gapNs >= idleTimeoutNs || reopened) {
        end(entry, reopened && gapNs < idleTimeoutNs ? EndReason.CLOSED : overdue(entry));
        freeExtension(entry);
        found = (found & -2) | start(entry, hash, (tcpFlags & SYN_ACK) == SYN_ACK);
      } else if (timestampNs - FlowEntry.startNs(entry) >= activeTimeoutNs
          || FlowEntry.isFull(entry, found & 1)) {
        cut(entry);
      }
    }
    final long entry = entry(found >>> 1);
    final int direction = found & 1;
    final long frameBytes = PacketRecord.frameLength((int) head, (int) (head >>> Integer.SIZE));
    if (((head >>> Byte.SIZE) & PacketRecord.FLAG_FULL) != 0) {
      measure(entry, direction, record + recordBytes, timestampNs, frameBytes, tcpFlags);
    }
    FlowEntry.count(
        entry,
        direction,
        timestampNs,
        frameBytes,
        Short.toUnsignedInt(Short.reverseBytes((short) getInt(record + PacketRecord.IP_LENGTH))),
        tcpFlags);
  }

  /** Address of the index's slot at which {@link #candidate} begins. */
  long firstSlot(int hash) {
    return index.firstSlot(hash);
  }

  /**
   * The entry that most likely holds a flow.
   *
   * @param hash of its key
   * @return one with this hash; any when there is none
   */
  int candidate(int hash) {
    return index.candidate(hash);
  }

  /**
   * Ends flows whose timeouts have passed, and tells of changes.
   *
   * @param from the first entry to look at
   * @param count how many, at most
   * @param nowNs the time
   * @return entries looked at
   */
  int sweep(int from, int count, long nowNs) {
    this.nowNs = nowNs;
    final int to = (int) Math.min(highWater, (long) from + count);
    for (int number = from; number < to; number++) {
      final long entry = entry(number);
      if (FlowEntry.isFree(entry)) {
        continue;
      }
      if (isIdle(entry)) {
        end(entry, overdue(entry));
        remove(number, entry);
      } else if (FlowEntry.hasPackets(entry)) {
        if (nowNs - FlowEntry.startNs(entry) >= activeTimeoutNs) {
          cut(entry);
        } else if (telling) {
          tell(entry, 0);
        }
      }
    }
    return Math.max(0, to - from);
  }

  void endAll(EndReason reason) {
    for (int i = 0; i < highWater; i++) {
      final long entry = entry(i);
      if (!FlowEntry.isFree(entry)) {
        end(entry, FlowEntry.isClosed(entry) ? EndReason.CLOSED : reason);
        remove(i, entry);
      }
    }
  }

  /** Visits the flows of entries {@code from} to {@code to}, as far as there are some. */
  void visit(int from, int to, FlowVisitor visitor) {
    for (int i = from; i < Math.min(to, highWater); i++) {
      final long entry = entry(i);
      if (!FlowEntry.isFree(entry) && FlowEntry.hasPackets(entry)) {
        visitor.visit(view.wrap(entry));
      }
    }
  }

  /** Entries that were ever used. */
  int highWater() {
    return highWater;
  }

  int size() {
    return size;
  }

  long evictions() {
    return evictions;
  }

  long ended() {
    return ended;
  }

  void close() {
    highWater = 0;
    index.close();
    reserved.close();
  }

  /** Address of an entry; for tests. */
  long entry(int number) {
    return entries + (long) number * entryBytes;
  }

  private void measure(
      long entry,
      int direction,
      long extensionOfRecord,
      long timestampNs,
      long frameBytes,
      int tcpFlags) {
    int number = getInt(entry + FlowEntry.EXTENSION);
    if (number == 0) {
      number = takeExtension(entry, direction, extensionOfRecord);
      if (number == 0) {
        return;
      }
    }
    final long extension = extensions.address(number);
    final long half = FlowEntry.half(entry, direction);
    final long gapNs =
        getLong(half + FlowEntry.FIRST_NS) == Long.MAX_VALUE
            ? -1
            : Math.max(0, timestampNs - getLong(half + FlowEntry.LAST_NS));
    FlowExtension.measure(extension, direction, extensionOfRecord, frameBytes, gapNs);
    if ((getUnsignedByte(extensionOfRecord + RecordExtension.FLAGS) & RecordExtension.FLAG_TCP)
        != 0) {
      TcpTrack.take(extension, direction, extensionOfRecord, tcpFlags, timestampNs);
    }
  }

  private int takeExtension(long entry, int direction, long extensionOfRecord) {
    final int number = extensions.take();
    if (number == 0) {
      final int state = getUnsignedByte(entry + FlowEntry.STATE);
      if ((state & FlowEntry.UNMEASURED) == 0) {
        putByte(entry + FlowEntry.STATE, state | FlowEntry.UNMEASURED);
        extensions.countUnmeasured();
      }
      return 0;
    }
    putInt(entry + FlowEntry.EXTENSION, number);
    FlowExtension.start(extensions.address(number), extensionOfRecord, direction);
    return number;
  }

  private void freeExtension(long entry) {
    final int number = getInt(entry + FlowEntry.EXTENSION);
    if (number != 0) {
      extensions.free(number);
      putInt(entry + FlowEntry.EXTENSION, 0);
    }
  }

  /** {@code entry << 1 | direction} of the flow whose key is loaded, or {@link #NONE}. */
  private int find(int hash) {
    final long segment = index.segment(hash);
    int slot = hash;
    for (long value = FlowIndex.slot(segment, slot);
        value != 0;
        value = FlowIndex.slot(segment, ++slot)) {
      if ((int) (value >>> 32) == hash) {
        final int number = (int) value - 1;
        final int direction = key.direction(entry(number));
        if (direction >= 0) {
          return number << 1 | direction;
        }
      }
    }
    return NONE;
  }

  private int insert(int hash, boolean answer) {
    int number = take();
    while (!index.add(hash, number)) {
      FlowEntry.free(entry(number), freeHead);
      freeHead = number;
      evictCrowding(hash);
      number = take();
    }
    size++;
    return number << 1 | start(entry(number), hash, answer);
  }

  /**
   * Makes an entry the flow whose key is loaded; its packet's direction, 0 when both ends agree.
   */
  private int start(long entry, int hash, boolean answer) {
    key.store(entry, answer);
    putInt(entry + FlowEntry.HASH, hash);
    FlowEntry.forget(entry);
    FlowEntry.reset(entry);
    return key.direction(entry);
  }

  private int take() {
    if (freeHead == NONE && highWater == capacity) {
      evictOldest();
    }
    if (freeHead == NONE) {
      return highWater++;
    }
    final int number = freeHead;
    freeHead = FlowEntry.nextFree(entry(number));
    return number;
  }

  /** Makes room in a full pool: the next entries round it, since all are taken. */
  private void evictOldest() {
    int oldest = evictionCursor;
    for (int i = 0; i < EVICTION_SLOTS; i++) {
      oldest = older(oldest, evictionCursor);
      evictionCursor = evictionCursor + 1 == capacity ? 0 : evictionCursor + 1;
    }
    evict(oldest);
  }

  /** Makes room in a segment of the index that cannot be split. */
  private void evictCrowding(int hash) {
    final long segment = index.segment(hash);
    int slot = index.crowding(hash, hash);
    int oldest = (int) FlowIndex.slot(segment, slot) - 1;
    for (int i = 1; i < EVICTION_SLOTS; i++) {
      slot = index.crowding(hash, slot + 1);
      oldest = older(oldest, (int) FlowIndex.slot(segment, slot) - 1);
    }
    evict(oldest);
  }

  private int older(int left, int right) {
    return FlowEntry.lastNs(entry(right)) < FlowEntry.lastNs(entry(left)) ? right : left;
  }

  private void evict(int number) {
    final long entry = entry(number);
    if (isIdle(entry)) {
      end(entry, overdue(entry));
    } else {
      evictions += FlowEntry.hasPackets(entry) ? 1 : 0;
      end(entry, EndReason.EVICTED);
    }
    remove(number, entry);
  }

  private boolean isIdle(long entry) {
    return Math.abs(nowNs - FlowEntry.lastNs(entry)) >= idleTimeoutNs;
  }

  /** Why a flow that is now idle ended: whichever deadline passed first. */
  private EndReason overdue(long entry) {
    if (FlowEntry.startNs(entry) + activeTimeoutNs <= FlowEntry.lastNs(entry) + idleTimeoutNs) {
      return EndReason.ACTIVE;
    }
    return FlowEntry.isClosed(entry) ? EndReason.CLOSED : EndReason.IDLE;
  }

  private void cut(long entry) {
    end(entry, EndReason.ACTIVE);
    FlowEntry.reset(entry);
    final int number = getInt(entry + FlowEntry.EXTENSION);
    if (number != 0) {
      FlowExtension.cut(extensions.address(number));
    }
  }

  private void end(long entry, EndReason reason) {
    if (FlowEntry.hasPackets(entry)) {
      ended++;
      tell(entry, FlowChangeSink.ENDED);
      sink.onFlow(view.wrap(entry), reason);
    }
  }

  private void tell(long entry, int state) {
    if (!telling) {
      return;
    }
    final long packets = FlowEntry.untoldPackets(entry, 0);
    final long answerPackets = FlowEntry.untoldPackets(entry, 1);
    if ((packets | answerPackets | state) == 0) {
      return;
    }
    final long bytes = FlowEntry.untoldBytes(entry, 0);
    final long answerBytes = FlowEntry.untoldBytes(entry, 1);
    final boolean begun = (getUnsignedByte(entry + FlowEntry.STATE) & FlowEntry.TOLD) == 0;
    FlowEntry.tell(entry);
    changes.onChange(
        view.wrap(entry),
        packets,
        bytes,
        answerPackets,
        answerBytes,
        state | (begun ? FlowChangeSink.BEGUN : 0));
  }

  private void remove(int number, long entry) {
    index.remove(getInt(entry + FlowEntry.HASH), number);
    freeExtension(entry);
    FlowEntry.free(entry, freeHead);
    freeHead = number;
    size--;
  }
}
