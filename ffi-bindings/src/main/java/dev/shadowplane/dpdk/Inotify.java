package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What happens in folders, as inotify(7) tells it: one queue for all of them, in the order in which
 * it happened. Java's own watches have a queue for each folder, forget the order between these, and
 * tell neither of closed files nor of renames. One thread uses it.
 */
public final class Inotify implements AutoCloseable {
  /** A file was written to. */
  public static final int MODIFY = 0x2;

  /** Times, permissions, owners or the number of links changed. */
  public static final int ATTRIB = 0x4;

  /** A file that was open for writing was closed. */
  public static final int CLOSE_WRITE = 0x8;

  /** An entry left the folder by a rename; a later event of the same cookie may say where to. */
  public static final int MOVED_FROM = 0x40;

  /** An entry came into the folder by a rename. */
  public static final int MOVED_TO = 0x80;

  /** An entry was made. */
  public static final int CREATE = 0x100;

  /** An entry was deleted. */
  public static final int DELETE = 0x200;

  /** The folder itself was deleted. */
  public static final int DELETE_SELF = 0x400;

  /** The folder itself was moved. */
  public static final int MOVE_SELF = 0x800;

  /** The file system of the folder was unmounted; never asked for, always told. */
  public static final int UNMOUNT = 0x2000;

  /**
   * Events were lost, as more than {@code fs.inotify.max_queued_events} waited; always told, and
   * the watch is -1.
   */
  public static final int OVERFLOW = 0x4000;

  /** The watch is over; always told. */
  public static final int IGNORED = 0x8000;

  /** The entry is a folder; goes with others. */
  public static final int IS_FOLDER = 0x4000_0000;

  private static final int ONLY_FOLDERS = 0x100_0000;
  private static final int DONT_FOLLOW = 0x200_0000;
  private static final int EXCLUDE_UNLINKED = 0x400_0000;
  private static final int CLOSE_ON_EXEC_AND_NON_BLOCKING = 0x8_0000 | 0x800;
  private static final int BUFFER_BYTES = 64 << 10;

  /** Struct inotify_event: watch, mask, cookie, length of the name, all 32 bits; then the name. */
  private static final int HEADER_BYTES = 16;

  private static final int NO_SUCH_ENTRY = 2;
  private static final int TRY_AGAIN = 11;
  private static final int NO_ACCESS = 13;
  private static final int INTERRUPTED = 4;
  private static final int NOT_A_FOLDER = 20;
  private static final int TOO_MANY_FILES = 24;
  private static final int NO_SPACE = 28;
  private static final int TOO_MANY_LINKS = 40;
  private static final short POLLIN = 1;
  private static final long POLLFD_BYTES = 8;

  private static final MethodHandle INIT =
      Libc.handleWithErrno("inotify_init1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle ADD =
      Libc.handleWithErrno(
          "inotify_add_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle REMOVE =
      Libc.handle("inotify_rm_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle POLL =
      Libc.handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle READ =
      Libc.handleWithErrno("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle CLOSE =
      Libc.handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment errno = arena.allocate(Libc.ERRNO);
  private final MemorySegment asked = arena.allocate(POLLFD_BYTES, Integer.BYTES);
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
  private final int descriptor;

  /**
   * Opens a queue without watches.
   *
   * @throws IOException if the user has {@code fs.inotify.max_user_instances} of them already
   */
  public Inotify() throws IOException {
    try {
      descriptor = (int) INIT.invokeExact(errno, CLOSE_ON_EXEC_AND_NON_BLOCKING);
    } catch (Throwable t) {
      throw Libc.unexpected("inotify_init1", t);
    }
    if (descriptor < 0) {
      final int error = Libc.errno(errno);
      arena.close();
      throw new IOException(
          error == TOO_MANY_FILES
              ? "no more inotify queues for this user: raise the sysctl"
                  + " fs.inotify.max_user_instances"
              : "inotify_init1 failed: error " + error);
    }
    asked.set(JAVA_INT, 0, descriptor);
    asked.set(JAVA_SHORT, Integer.BYTES, POLLIN);
  }

  /**
   * Watches a folder, not what lies below the folders in it.
   *
   * @param folder a folder, no link to one
   * @param events a sum of the constants
   * @return the number of the watch; the same as before if this folder is watched already
   * @throws NoSuchFileException if there is none
   * @throws NotDirectoryException if it is none
   * @throws AccessDeniedException if it may not be read
   * @throws IOException if the user has {@code fs.inotify.max_user_watches} of them already
   */
  public int watch(Path folder, int events) throws IOException {
    try (Arena call = Arena.ofConfined()) {
      final int watch =
          (int)
              ADD.invokeExact(
                  errno,
                  descriptor,
                  call.allocateFrom(folder.toString()),
                  events | ONLY_FOLDERS | DONT_FOLLOW | EXCLUDE_UNLINKED);
      if (watch >= 0) {
        return watch;
      }
    } catch (Throwable t) {
      throw Libc.unexpected("inotify_add_watch", t);
    }
    final int error = Libc.errno(errno);
    throw switch (error) {
      case NO_SUCH_ENTRY -> new NoSuchFileException(folder.toString());
      case NOT_A_FOLDER, TOO_MANY_LINKS -> new NotDirectoryException(folder.toString());
      case NO_ACCESS -> new AccessDeniedException(folder.toString());
      case NO_SPACE ->
          new IOException(
              folder
                  + " cannot be watched, this user watches too many folders: raise the sysctl"
                  + " fs.inotify.max_user_watches");
      default -> new IOException(folder + " cannot be watched: error " + error);
    };
  }

  /** Ends a watch; one that is over already stays so. */
  public void unwatch(int watch) {
    try {
      final int ignored = (int) REMOVE.invokeExact(descriptor, watch);
    } catch (Throwable t) {
      throw Libc.unexpected("inotify_rm_watch", t);
    }
  }

  /**
   * Hands over events that wait, up to 64 KiB of them; waits for the first one.
   *
   * @param timeoutMs how long at most; 0 not at all
   * @param each is given one after another, in order
   * @return whether there was any; if not, all that happened before the call has been handed over
   * @throws IOException if the queue cannot be read
   */
  public boolean read(int timeoutMs, Consumer<Event> each) throws IOException {
    final long length;
    try {
      if ((int) POLL.invokeExact(asked, 1L, timeoutMs) <= 0) {
        return false;
      }
      length = (long) READ.invokeExact(errno, descriptor, buffer, (long) BUFFER_BYTES);
    } catch (Throwable t) {
      throw Libc.unexpected("read", t);
    }
    if (length < 0) {
      final int error = Libc.errno(errno);
      if (error == TRY_AGAIN || error == INTERRUPTED) {
        return false;
      }
      throw new IOException("the inotify queue cannot be read: error " + error);
    }
    long at = 0;
    while (at < length) {
      final int nameBytes = buffer.get(JAVA_INT, at + 12);
      each.accept(
          new Event(
              buffer.get(JAVA_INT, at),
              buffer.get(JAVA_INT, at + 4),
              buffer.get(JAVA_INT, at + 8),
              name(at + HEADER_BYTES, nameBytes)));
      at += HEADER_BYTES + nameBytes;
    }
    return true;
  }

  /** The name without the zeros that it is padded with. */
  private byte[] name(long at, int paddedBytes) {
    int length = 0;
    while (length < paddedBytes && buffer.get(JAVA_BYTE, at + length) != 0) {
      length++;
    }
    return buffer.asSlice(at, length).toArray(JAVA_BYTE);
  }

  @Override
  public void close() {
    try {
      final int ignored = (int) CLOSE.invokeExact(descriptor);
    } catch (Throwable t) {
      throw Libc.unexpected("close", t);
    } finally {
      arena.close();
    }
  }

  /**
   * Something that happened.
   *
   * @param watch where
   * @param mask what: constants of this class
   * @param cookie the same for both halves of a rename; otherwise 0
   * @param name of the entry, as its bytes are on disk; empty when it is the folder itself
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares events.
  public record Event(int watch, int mask, int cookie, byte[] name) {
    /** Whether all the bits are set. */
    public boolean is(int bits) {
      return (mask & bits) == bits;
    }
  }
}
