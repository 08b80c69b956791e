package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.pcap.CaptureReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** A capture file, read through a buffer of fixed size. It may be hostile. */
public final class CaptureSource implements FrameSource {
  private final Path file;
  private final Set<? extends java.nio.file.OpenOption> options;
  private final long sizeBytes;
  private FileChannel channel;
  private CaptureReader reader;
  private long positionBytes;
  private long fromNs = Long.MIN_VALUE;

  private CaptureSource(Path file, Set<? extends java.nio.file.OpenOption> options)
      throws IOException {
    this.file = file;
    this.options = options;
    this.channel = FileChannel.open(file, options);
    this.reader = new CaptureReader(channel, file.toString());
    this.sizeBytes = channel.size();
  }

  /**
   * Opens a file.
   *
   * @param file a regular file, pcap or pcapng
   * @return it
   * @throws IOException when it is no capture or cannot be read
   */
  public static CaptureSource open(Path file) throws IOException {
    return new CaptureSource(file, Set.of(StandardOpenOption.READ));
  }

  /**
   * Opens a file of a folder, and nothing outside of it.
   *
   * @param folder where it lies
   * @param name a plain file name
   * @return it
   * @throws IllegalArgumentException when the name leads elsewhere, or to no regular file; naming
   *     what is allowed
   * @throws IOException when it is no capture or cannot be read
   */
  public static CaptureSource openWithin(Path folder, String name) throws IOException {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || !name.matches("[^/\\x00]+")) {
      throw new IllegalArgumentException("give the name of a file in " + folder + ", not a path");
    }
    final Path file = folder.resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IllegalArgumentException(
          "there is no regular file of that name in " + folder + "; links are not followed");
    }
    return new CaptureSource(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
  }

  @Override
  public boolean next() throws IOException {
    do {
      if (!reader.next()) {
        positionBytes = sizeBytes;
        return false;
      }
    } while (reader.timestampNs() < fromNs);
    // From there on all frames count, though times go back: they are put in order later.
    fromNs = Long.MIN_VALUE;
    positionBytes = channel.position();
    return true;
  }

  @Override
  public boolean isGrowing() {
    return false;
  }

  @Override
  public long timestampNs() {
    return reader.timestampNs();
  }

  @Override
  public long frameAddress() {
    return reader.frameAddress();
  }

  @Override
  public int capturedLengthBytes() {
    return reader.capturedLengthBytes();
  }

  @Override
  public int linkType() {
    return reader.linkType();
  }

  @Override
  public String portName() {
    return "";
  }

  @Override
  public long positionBytes() {
    return positionBytes;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void seek(long timeNs) throws IOException {
    reader.close();
    channel = FileChannel.open(file, options);
    reader = new CaptureReader(channel, file.toString());
    positionBytes = 0;
    fromNs = timeNs;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
