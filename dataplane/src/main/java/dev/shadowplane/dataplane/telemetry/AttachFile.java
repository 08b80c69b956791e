package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The small file through which control asks for rings and the data plane answers. The data plane
 * makes it afresh at each start. Control can write all of it: the data plane reads only the
 * request, and takes no field of it for more than a number.
 *
 * <pre>
 *   0  i64 magic      8  i32 layout version   12  i32 workers   16  i64 data plane epoch
 * 128  i64 control's pid   136  i64 its pid namespace   144  i64 nonce, 0: no request
 * 152  i64 control's heartbeat, any value that changes
 * 256  i64 answered nonce, 0: nobody is attached   264  i64 control epoch
 * </pre>
 */
final class AttachFile implements AutoCloseable {
  private static final long MAGIC = 0x4843_5441_5044_4853L;
  private static final int VERSION = 1;
  private static final int VERSION_OFFSET = 8;
  private static final int WORKERS_OFFSET = 12;
  private static final int DATAPLANE_EPOCH_OFFSET = 16;
  private static final int PID_OFFSET = 128;
  private static final int PID_NAMESPACE_OFFSET = 136;
  private static final int NONCE_OFFSET = 144;
  private static final int HEARTBEAT_OFFSET = 152;
  private static final int ANSWERED_NONCE_OFFSET = 256;
  private static final int CONTROL_EPOCH_OFFSET = 264;
  private static final int LENGTH = 4096;

  private final MappedByteBuffer mapping;
  private final UnsafeBuffer buffer;

  private AttachFile(final MappedByteBuffer mapping) {
    this.mapping = mapping;
    this.buffer = new UnsafeBuffer(mapping);
  }

  /** Puts a fresh file in the place of whatever is there. Data plane. */
  static AttachFile create(final Path directory, final long dataplaneEpoch, final int workers)
      throws IOException {
    final Path temporary = directory.resolve(TelemetryFiles.ATTACH + ".new");
    final AttachFile file =
        new AttachFile(TelemetryFiles.create(temporary, LENGTH, TelemetryFiles.WRITE_BY_GROUP));
    file.buffer.putInt(VERSION_OFFSET, VERSION);
    file.buffer.putInt(WORKERS_OFFSET, workers);
    file.buffer.putLong(DATAPLANE_EPOCH_OFFSET, dataplaneEpoch);
    file.buffer.putLongVolatile(0, MAGIC);
    Files.move(temporary, directory.resolve(TelemetryFiles.ATTACH), StandardCopyOption.ATOMIC_MOVE);
    return file;
  }

  /** Opens the file of the data plane. Control. */
  static AttachFile open(final Path directory) throws IOException {
    final Path path = directory.resolve(TelemetryFiles.ATTACH);
    final MappedByteBuffer mapping = TelemetryFiles.map(path, MapMode.READ_WRITE);
    final AttachFile file = new AttachFile(mapping);
    final boolean known = mapping.capacity() == LENGTH && file.buffer.getLongVolatile(0) == MAGIC;
    final int version = known ? file.buffer.getInt(VERSION_OFFSET) : 0;
    if (version != VERSION) {
      file.close();
      throw new TelemetryException(
          known
              ? path
                  + " has layout version "
                  + version
                  + " and this program uses "
                  + VERSION
                  + ": run the same release on both sides"
              : path + " is damaged: restart the data plane");
    }
    return file;
  }

  int workers() {
    return buffer.getInt(WORKERS_OFFSET);
  }

  long dataplaneEpoch() {
    return buffer.getLong(DATAPLANE_EPOCH_OFFSET);
  }

  /** Asks for rings. Control. */
  void request(final long nonce) {
    buffer.putLong(PID_OFFSET, Processes.pid());
    buffer.putLong(PID_NAMESPACE_OFFSET, Processes.namespace());
    buffer.putLongRelease(NONCE_OFFSET, nonce);
  }

  /** Gives the rings back. Control. */
  void withdraw() {
    buffer.putLongRelease(NONCE_OFFSET, 0L);
  }

  void controlHeartbeat(final long value) {
    buffer.putLongRelease(HEARTBEAT_OFFSET, value);
  }

  long controlHeartbeat() {
    return buffer.getLongVolatile(HEARTBEAT_OFFSET);
  }

  long nonce() {
    return buffer.getLongVolatile(NONCE_OFFSET);
  }

  long controlPid() {
    return buffer.getLong(PID_OFFSET);
  }

  long controlPidNamespace() {
    return buffer.getLong(PID_NAMESPACE_OFFSET);
  }

  /** Says that the rings of this epoch are ready for the control that chose the nonce. */
  void answer(final long nonce, final long controlEpoch) {
    buffer.putLong(CONTROL_EPOCH_OFFSET, controlEpoch);
    buffer.putLongRelease(ANSWERED_NONCE_OFFSET, nonce);
  }

  /** Says that nobody is attached any longer. */
  void revoke() {
    buffer.putLongRelease(ANSWERED_NONCE_OFFSET, 0L);
  }

  long answeredNonce() {
    return buffer.getLongVolatile(ANSWERED_NONCE_OFFSET);
  }

  long controlEpoch() {
    return buffer.getLong(CONTROL_EPOCH_OFFSET);
  }

  /** Unmaps the file: for the one thread that uses it. */
  @Override
  public void close() {
    IoUtil.unmap(mapping);
  }
}
