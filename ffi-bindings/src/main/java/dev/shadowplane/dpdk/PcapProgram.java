package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.bpf_program;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A filter expression of tcpdump as libpcap compiles it, and as libpcap interprets it: that needs
 * neither DPDK nor any privilege. Matching is for any number of threads at once.
 */
final class PcapProgram implements AutoCloseable {
  private static final int SNAP_BYTES = 0x4_0000;
  private static final int NETMASK_UNKNOWN = -1;
  private static final Pattern WORD = Pattern.compile("\\S+");

  private final MemorySegment program = bpf_program.allocate(Arena.ofAuto());
  private final long instructions;

  /** Apart, so that libpcap is loaded before its function is looked for. */
  private static final class Interpreter {
    /** Critical: a filter has no loops. */
    private static final MethodHandle FILTER =
        Linker.nativeLinker()
            .downcallHandle(
                SymbolLookup.loaderLookup().findOrThrow("bpf_filter"),
                FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT),
                Linker.Option.critical(false));
  }

  /**
   * Compiles an expression on Ethernet frames. No name of a host is looked up.
   *
   * @throws DpdkException naming the place, and what libpcap says of it
   */
  PcapProgram(String expression) {
    FilterWords.check(expression);
    DpdkLibrary.loadPcap();
    final MemorySegment pcap = Dpdk.pcap_open_dead(Dpdk.DLT_EN10MB(), SNAP_BYTES);
    try (Arena arena = Arena.ofConfined()) {
      if (!compile(arena, pcap, program, expression)) {
        final String said = Dpdk.pcap_geterr(pcap).reinterpret(256).getString(0);
        throw wrong(expression, said + place(arena, pcap, expression), "correct it");
      }
    } finally {
      Dpdk.pcap_close(pcap);
    }
    instructions = bpf_program.bf_insns(program).address();
    final int length = bpf_program.bf_len(program);
    if (length > BpfFilter.MAX_INSTRUCTIONS) {
      close();
      throw wrong(
          expression,
          "it takes "
              + length
              + " instructions, and "
              + BpfFilter.MAX_INSTRUCTIONS
              + " are allowed",
          "use several rules, or the other selectors");
    }
  }

  private static boolean compile(
      Arena arena, MemorySegment pcap, MemorySegment program, String expression) {
    return Dpdk.pcap_compile(pcap, program, arena.allocateFrom(expression), 1, NETMASK_UNKNOWN)
        == 0;
  }

  /**
   * Where it goes wrong, which libpcap does not say: behind the longest beginning that is an
   * expression by itself.
   */
  private static String place(Arena arena, MemorySegment pcap, String expression) {
    int understood = 0;
    final MemorySegment part = bpf_program.allocate(arena);
    for (Matcher word = WORD.matcher(expression); word.find(); ) {
      if (compile(arena, pcap, part, expression.substring(0, word.end()))) {
        Dpdk.pcap_freecode(part);
        understood = word.end();
      }
    }
    return understood == 0
        ? ", from character 1 on"
        : ", from character "
            + (understood + 1)
            + " on: "
            + expression.substring(understood).strip();
  }

  static DpdkException wrong(String expression, String problem, String remedy) {
    return new DpdkException(
        "pcap_compile("
            + expression
            + ") failed: "
            + problem
            + ": "
            + remedy
            + " (pcap-filter(7))");
  }

  /** libpcap's struct bpf_program, until this is closed. */
  MemorySegment program() {
    return program;
  }

  /**
   * Interprets it on a frame of one segment. What lies behind its end does not match. Allocates
   * nothing and does not block.
   */
  boolean matches(long mbuf) {
    try {
      return (int)
              Interpreter.FILTER.invokeExact(
                  instructions, Mbuf.data(mbuf), Mbuf.packetLength(mbuf), Mbuf.dataLength(mbuf))
          != 0;
    } catch (Throwable t) {
      throw Libc.unexpected("bpf_filter", t);
    }
  }

  @Override
  public void close() {
    Dpdk.pcap_freecode(program);
  }
}
