package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.bpf_program;
import dev.shadowplane.dpdk.abi23.rte_bpf_jit;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A filter expression of tcpdump (pcap-filter(7)) as machine code: compiled by libpcap, translated
 * and compiled again by librte_bpf. Matching is for any number of threads at once; where the
 * processor has no such compiler, it is interpreted.
 */
public final class BpfFilter implements AutoCloseable {
  /** The longest expression, in characters. */
  public static final int MAX_CHARACTERS = 1_024;

  /**
   * The most instructions of libpcap's program. librte_bpf checks a program along every path
   * through it: their number must stay bounded.
   */
  public static final int MAX_INSTRUCTIONS = 512;

  private static final int SNAP_BYTES = 0x4_0000;
  private static final int NETMASK_UNKNOWN = -1;
  private static final Pattern WORD = Pattern.compile("\\S+");

  /** Critical, both: a filter has no loops. */
  private static final MethodHandle COMPILED =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(JAVA_LONG, JAVA_LONG), Linker.Option.critical(false));

  private static final MethodHandle INTERPRET =
      Linker.nativeLinker()
          .downcallHandle(
              Dpdk.rte_bpf_exec$address(),
              FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG),
              Linker.Option.critical(false));

  private final MemorySegment program;
  private final long address;
  private final MemorySegment function;
  private final boolean compiled;

  /**
   * Compiles an expression. No name of a host is looked up.
   *
   * @param expression what to match, on Ethernet frames; an empty one matches all
   * @throws DpdkException naming the place, and what libpcap says of it
   */
  public BpfFilter(String expression) {
    DpdkLibrary.load();
    FilterWords.check(expression);
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment pcap = Dpdk.pcap_open_dead(Dpdk.DLT_EN10MB(), SNAP_BYTES);
      final MemorySegment classic = bpf_program.allocate(arena);
      try {
        if (!compile(arena, pcap, classic, expression)) {
          final String said = Dpdk.pcap_geterr(pcap).reinterpret(256).getString(0);
          throw wrong(expression, said + place(arena, pcap, expression), "correct it");
        }
        program = load(arena, expression, classic);
        Dpdk.pcap_freecode(classic);
      } finally {
        Dpdk.pcap_close(pcap);
      }
      address = program.address();
      final MemorySegment jit = rte_bpf_jit.allocate(arena);
      final int result = Dpdk.rte_bpf_get_jit(program, jit);
      compiled = result == 0 && rte_bpf_jit.func(jit).address() != 0;
      function =
          compiled ? MemorySegment.ofAddress(rte_bpf_jit.func(jit).address()) : MemorySegment.NULL;
    }
  }

  private static boolean compile(
      Arena arena, MemorySegment pcap, MemorySegment classic, String expression) {
    return Dpdk.pcap_compile(pcap, classic, arena.allocateFrom(expression), 1, NETMASK_UNKNOWN)
        == 0;
  }

  private static MemorySegment load(Arena arena, String expression, MemorySegment classic) {
    final int instructions = bpf_program.bf_len(classic);
    if (instructions > MAX_INSTRUCTIONS) {
      Dpdk.pcap_freecode(classic);
      throw wrong(
          expression,
          "it takes " + instructions + " instructions, and " + MAX_INSTRUCTIONS + " are allowed",
          "use several rules, or the other selectors");
    }
    final MemorySegment parameters = Dpdk.rte_bpf_convert(classic);
    if (parameters.address() == 0) {
      final int errno = Eal.errno();
      Dpdk.pcap_freecode(classic);
      throw failed("rte_bpf_convert", expression, errno);
    }
    if (!EbpfProgram.mend(arena, parameters)) {
      Dpdk.rte_free(parameters);
      Dpdk.pcap_freecode(classic);
      throw wrong(expression, "it reads before the beginning of the frame", "correct it");
    }
    final MemorySegment program = Dpdk.rte_bpf_load(parameters);
    final int errno = program.address() == 0 ? Eal.errno() : 0;
    Dpdk.rte_free(parameters);
    if (errno != 0) {
      Dpdk.pcap_freecode(classic);
      throw failed("rte_bpf_load", expression, errno);
    }
    return program;
  }

  /**
   * Where it goes wrong, which libpcap does not say: behind the longest beginning that is an
   * expression by itself.
   */
  private static String place(Arena arena, MemorySegment pcap, String expression) {
    int understood = 0;
    final MemorySegment classic = bpf_program.allocate(arena);
    for (Matcher word = WORD.matcher(expression); word.find(); ) {
      if (compile(arena, pcap, classic, expression.substring(0, word.end()))) {
        Dpdk.pcap_freecode(classic);
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

  private static DpdkException wrong(String expression, String problem, String remedy) {
    return new DpdkException(
        "pcap_compile("
            + expression
            + ") failed: "
            + problem
            + ": "
            + remedy
            + " (pcap-filter(7))");
  }

  private static DpdkException failed(String call, String expression, int errno) {
    return new DpdkException(
        call + "(" + expression + ")", errno, "use a simpler expression, or the other selectors");
  }

  /**
   * Whether it is compiled to machine code, not interpreted.
   *
   * @return true on x86-64 and ARM64
   */
  public boolean isCompiled() {
    return compiled;
  }

  /**
   * Matches a frame, of one or several segments. What lies behind its end does not match. Allocates
   * nothing and does not block.
   *
   * @param mbuf its first segment, or a {@link FrameMbuf}; is only read
   * @return whether it matches
   */
  public boolean matches(long mbuf) {
    try {
      return (compiled
              ? (long) COMPILED.invokeExact(function, mbuf)
              : (long) INTERPRET.invokeExact(address, mbuf))
          != 0;
    } catch (Throwable t) {
      throw Libc.unexpected("rte_bpf_exec", t);
    }
  }

  /** Frees it. No thread matches any more. */
  @Override
  public void close() {
    Dpdk.rte_bpf_destroy(program);
  }
}
