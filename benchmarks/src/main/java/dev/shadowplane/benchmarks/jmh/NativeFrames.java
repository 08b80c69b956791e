package dev.shadowplane.benchmarks.jmh;

import dev.shadowplane.dpdk.NativeMemory;
import java.util.List;

/** Frames in native memory, one behind the other, as a parser sees them. */
final class NativeFrames {
  private final long[] addresses;
  private final int[] lengths;

  NativeFrames(List<byte[]> frames) {
    addresses = new long[frames.size()];
    lengths = new int[frames.size()];
    for (int i = 0; i < addresses.length; i++) {
      final byte[] frame = frames.get(i);
      lengths[i] = frame.length;
      addresses[i] = NativeMemory.allocate(frame.length, 64);
      NativeMemory.copy(frame, addresses[i], frame.length);
    }
  }

  int count() {
    return addresses.length;
  }

  long address(int index) {
    return addresses[index];
  }

  int length(int index) {
    return lengths[index];
  }
}
