package dev.shadowplane.dataplane.packet;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Other people's opinion of our frames: writes captures and asks tshark about them. */
public final class Tshark {
  private Tshark() {}

  /** Writes a capture of these frames, the first at {@code firstNs}, each 1 us after the last. */
  public static void write(Path file, List<byte[]> frames, long firstNs) throws IOException {
    try (PcapWriter writer = writer(file, LinkType.ETHERNET)) {
      long timestampNs = firstNs;
      for (byte[] frame : frames) {
        writer.write(timestampNs, frame.length, new UnsafeBuffer(frame), 0, frame.length);
        timestampNs += 1000;
      }
    }
  }

  /** Opens a new capture file. */
  public static PcapWriter writer(Path file, int linkType) throws IOException {
    return new PcapWriter(
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        linkType,
        262_144);
  }

  /** Runs tshark on a capture and returns the lines that it prints. */
  public static List<String> read(Path file, String... arguments) throws IOException {
    final List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
    command.addAll(List.of(arguments));
    final Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    final String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command + " exited with " + process.exitValue());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return output.lines().toList();
  }
}
