package dev.shadowplane.dataplane.journal;

import dev.shadowplane.dpdk.FileSpace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.core.io.ClosedIllegalStateException;
import net.openhft.chronicle.core.io.ReferenceOwner;
import org.jspecify.annotations.Nullable;

/**
 * What lies ahead of the writer in the file that it writes: blocks of the disk, which whoever comes
 * first reserves, and pages of its mapping, which the helper populates. How far ahead follows the
 * rate of writing, so that a quiet queue costs next to nothing.
 */
final class JournalAhead implements ReferenceOwner {
  private static final int PAGE_BYTES = 4_096;
  private static final int MIN_LEAD_BYTES = 256 << 10;
  private static final int MAX_LEAD_BYTES = 64 << 20;
  private static final int RESERVE_STEP_BYTES = 16 << 20;
  private static final int POPULATE_STEP_BYTES = 2 << 20;

  private final Path file;
  private final @Nullable Object fileKey;
  private final AtomicLong reservedTo = new AtomicLong();
  private volatile long position;
  private volatile @Nullable BytesStore<?, ?> mapping;

  // The helper's.
  private @Nullable BytesStore<?, ?> populatedMapping;
  private long populatedTo;
  private long lastPosition;
  private long lastNs;
  private long lead = MIN_LEAD_BYTES;
  private boolean refused;

  /** For a file that is there. */
  JournalAhead(Path file) throws IOException {
    this.file = file;
    fileKey = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Whether there is space up to this place. Writer. */
  boolean covers(long end) {
    return reservedTo.getPlain() >= end;
  }

  /** Where the space ends that is known to be there. */
  long reservedTo() {
    return reservedTo.get();
  }

  /** Gives the file space, behind or up to which there is some already. Writer and helper. */
  void reserve(long from, long to) throws IOException {
    FileSpace.reserve(file, from, to - from);
    for (long known = reservedTo.get(); known < to; known = reservedTo.get()) {
      if (reservedTo.compareAndSet(known, to)) {
        return;
      }
    }
  }

  /** A document has been written through this mapping, up to this place. Writer. */
  void written(BytesStore<?, ?> store, long end) {
    if (mapping != store) {
      mapping = store;
    }
    position = end;
  }

  /**
   * Reserves and populates what the writer will soon need. Helper.
   *
   * @return above 0 when there was something to do
   */
  int advance(long nowNs) {
    BytesStore<?, ?> store = mapping;
    if (store == null) {
      return 0;
    }
    long at = position;
    if (nowNs - lastNs > 10_000_000L) {
      // What the last 10 ms took, eight times over.
      lead = Math.clamp((at - lastPosition) * 8, MIN_LEAD_BYTES, MAX_LEAD_BYTES);
      lastPosition = at;
      lastNs = nowNs;
    }
    return reserveAhead(at) + populateAhead(store, at);
  }

  private int reserveAhead(long at) {
    long from = reservedTo.get();
    // Blocks cost little, but the disk may take its time to give them.
    if (refused || from - at >= JournalSpace.SLACK_BYTES + Math.max(lead, RESERVE_STEP_BYTES)) {
      return 0;
    }
    try {
      reserve(from, from + RESERVE_STEP_BYTES);
      return 1;
    } catch (IOException e) {
      // The writer asks for less at a time, and says so when even that is refused.
      refused = true;
      return 0;
    }
  }

  private int populateAhead(BytesStore<?, ?> store, long at) {
    if (store != populatedMapping) {
      populatedMapping = store;
      populatedTo = 0;
    }
    long from = Math.max(populatedTo, at & -PAGE_BYTES);
    long end = Math.min(store.safeLimit(), reservedTo.get());
    long to = Math.min(Math.min(end, at + lead), from + POPULATE_STEP_BYTES) & -PAGE_BYTES;
    if (to <= from) {
      return 0;
    }
    populatedTo = to;
    try {
      if (store.tryReserve(this)) {
        try {
          FileSpace.populate(store.addressForWrite(from), to - from);
        } finally {
          store.release(this);
        }
      }
    } catch (ClosedIllegalStateException e) {
      return 0; // The writer has gone on to another mapping.
    }
    return 1;
  }

  /** Why what is written to the file would be lost; null when it would not. Helper. */
  @Nullable String fault() {
    try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
      Object now = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return open.isOpen() && Objects.equals(fileKey, now) ? null : file + " was replaced";
    } catch (NoSuchFileException e) {
      return file + " is no longer there";
    } catch (FileSystemException e) {
      return file + ": " + e.getReason();
    } catch (IOException e) {
      return file + ": " + e.getMessage();
    }
  }

  Path file() {
    return file;
  }
}
