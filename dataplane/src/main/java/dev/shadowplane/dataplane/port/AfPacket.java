package dev.shadowplane.dataplane.port;

/**
 * What {@code net_af_packet} must be told about a kernel interface: ring sizes that fit its MTU.
 */
final class AfPacket {
  static final String DRIVER = "net_af_packet";

  /** Ethernet header and one tag. */
  static final int HEADER_BYTES = 18;

  /** What TPACKET_V2 puts in front of a frame, with room to spare. */
  private static final int RING_HEADER_BYTES = 128;

  private static final int MIN_FRAME_BYTES = 2_048;
  private static final int FRAMES = 4_096;
  private static final int MIN_BLOCK_BYTES = 1 << 16;

  private AfPacket() {}

  /** The device string with its queues and the ring's sizes, unless they are there. */
  static String complete(String portName, String device, int queues) {
    if (!device.startsWith(DRIVER + ",")) {
      return device;
    }
    // The kernel spreads frames over them by a hash that is the same for both directions.
    final String complete =
        queues == 1 || device.contains(",qpairs=") ? device : device + ",qpairs=" + queues;
    return complete.contains(",framesz=") ? complete : withRing(portName, complete);
  }

  /** The size of the ring's frames: a power of two. */
  static int frameBytes(String portName, String device) {
    int frame = MIN_FRAME_BYTES;
    if (device.startsWith(DRIVER + ",")) {
      final int mtu = interfaceMtu(portName, device);
      while (frame < mtu + HEADER_BYTES + RING_HEADER_BYTES) {
        frame *= 2;
      }
    }
    return frame;
  }

  private static String withRing(String portName, String device) {
    final int frame = frameBytes(portName, device);
    return device
        + ",framesz="
        + frame
        + ",blocksz="
        + Math.max(frame, MIN_BLOCK_BYTES)
        + ",framecnt="
        + FRAMES;
  }

  /** The MTU of the interface that a device string names. */
  static int interfaceMtu(String portName, String device) {
    final KernelInterface kernel = KernelInterface.of(portName, device);
    return kernel
        .mtu()
        .orElseThrow(() ->
            new PortException(
                "port "
                    + portName
                    + ": there is no interface "
                    + kernel.name()
                    + ": see ip link for those there are"));
  }
}
