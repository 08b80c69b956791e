package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.ipfix.MessageWriter.TemplateAge;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/** An IPFIX file: messages, one after another (RFC 5655). */
public final class IpfixFile implements IpfixOutput {
  /** What a message holds at most (RFC 7011, section 3.1), in whole words. */
  private static final int MAX_MESSAGE_BYTES = 65_532;

  private final WritableByteChannel out;
  private final MessageWriter writer;
  private long records;
  private long messages;

  /**
   * Begins a file.
   *
   * @param config what records tell; nothing is sent anywhere
   * @param out where it is written, closed with this
   */
  public IpfixFile(IpfixConfig config, WritableByteChannel out) {
    this.out = out;
    writer =
        new MessageWriter(
            config,
            MAX_MESSAGE_BYTES,
            TemplateAge.UNLIMITED,
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE,
            this::write);
  }

  @Override
  public void write(Flow flow) {
    writer.write(flow);
  }

  private void write(Message message) {
    try {
      while (message.bytes().hasRemaining()) {
        out.write(message.bytes());
      }
    } catch (IOException e) {
      throw new IpfixException("the IPFIX file cannot be written: " + e.getMessage());
    }
    records += message.records();
    messages++;
  }

  @Override
  public void finish() {
    writer.flush();
  }

  @Override
  public long records() {
    return records;
  }

  @Override
  public long messages() {
    return messages;
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new IpfixException("the IPFIX file cannot be written: " + e.getMessage());
    }
  }
}
