package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.Callable;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes a capture file of conversations that begin and end as time goes by: three in four over
 * TCP, from handshake to FIN with sequence numbers that go on, the others over UDP; short ones,
 * longer ones and long ones; frames of 54 to 1,514 bytes, 341 on average.
 */
@Command(name = "write-conversations")
public final class WriteConversations implements Callable<Integer> {
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int MOST_BYTES = 1_514;
  private static final int ADDRESSES_OFFSET = 26;
  private static final int PORTS_OFFSET = 34;
  private static final int SEQUENCE_OFFSET = 38;
  private static final int WINDOW_OFFSET = 48;
  private static final int TCP_FLAGS_OFFSET = 47;
  private static final int TCP_HEADERS_BYTES = 54;
  private static final int FIN_ACK = 0x11;
  private static final int SYN = 0x02;
  private static final int SYN_ACK = 0x12;
  private static final int ACK = 0x10;
  private static final int AT_A_TIME = 8_192;
  private static final long SEED = 20_260_101;

  /** Packets of a conversation, by tenths: 50 on average. */
  private static final int[] PACKETS = {10, 10, 10, 10, 10, 50, 50, 50, 50, 250};

  @Option(names = "--file", required = true)
  private Path file;

  @Option(names = "--frames", required = true)
  private int frames;

  @Option(names = "--pps", required = true, description = "On average.")
  private double pps;

  private final Random random = new Random(SEED);
  private int conversations;

  /** One of them, as far as it has come. */
  private static final class Conversation {
    private int number;
    private int packets;
    private int sent;
    private final int[] sequence = new int[2];
  }

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new WriteConversations()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    final Conversation[] open = new Conversation[AT_A_TIME];
    for (int i = 0; i < open.length; i++) {
      open[i] = begin(new Conversation());
      // Those at the beginning are under way, so that they do not end all at once.
      open[i].sent = random.nextInt(open[i].packets);
    }
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, LINKTYPE_ETHERNET, MOST_BYTES)) {
      double timestampNs = 1_767_225_600e9;
      for (int i = 0; i < frames; i++) {
        final Conversation conversation = open[random.nextInt(open.length)];
        if (conversation.sent == conversation.packets) {
          begin(conversation);
        }
        final byte[] frame = next(conversation);
        writer.write((long) timestampNs, frame.length, new UnsafeBuffer(frame), 0, frame.length);
        timestampNs += -Math.log(1 - random.nextDouble()) * 1e9 / pps;
      }
    }
    return 0;
  }

  private Conversation begin(Conversation conversation) {
    conversation.number = conversations++;
    conversation.packets = PACKETS[random.nextInt(PACKETS.length)];
    conversation.sent = 0;
    return conversation;
  }

  private byte[] next(Conversation conversation) {
    final int at = conversation.sent++;
    final int share = random.nextInt(1_000);
    final int length = share < 728 ? 64 : share < 828 ? 576 : MOST_BYTES;
    final boolean answer = at == 1 || (at > 2 && random.nextInt(3) > 0);
    if (conversation.number % 4 == 0) {
      return sent(Frames.udp4(conversation.number, length), answer);
    }
    final boolean handshake = at < 3;
    final boolean last = at >= conversation.packets - 2;
    final byte[] frame =
        Frames.tcp4(conversation.number, handshake || last ? TCP_HEADERS_BYTES : length);
    final int from = answer ? 1 : 0;
    final int flags = at == 0 ? SYN : at == 1 ? SYN_ACK : last ? FIN_ACK : ACK;
    ByteBuffer.wrap(frame)
        .putInt(SEQUENCE_OFFSET, conversation.sequence[from])
        .putInt(SEQUENCE_OFFSET + Integer.BYTES, conversation.sequence[1 - from])
        .put(TCP_FLAGS_OFFSET, (byte) flags)
        .putShort(WINDOW_OFFSET, (short) 0xffff);
    conversation.sequence[from] += frame.length - TCP_HEADERS_BYTES + (flags == ACK ? 0 : 1);
    return sent(frame, answer);
  }

  private static byte[] sent(byte[] frame, boolean answer) {
    if (answer) {
      final ByteBuffer bytes = ByteBuffer.wrap(frame);
      bytes.putLong(ADDRESSES_OFFSET, Long.rotateLeft(bytes.getLong(ADDRESSES_OFFSET), 32));
      bytes.putInt(PORTS_OFFSET, Integer.rotateLeft(bytes.getInt(PORTS_OFFSET), 16));
    }
    return frame;
  }
}
