package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_bpf_jit;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * A filter expression of tcpdump (pcap-filter(7)). Where EAL runs it is machine code: compiled by
 * libpcap, translated and compiled again by librte_bpf, which takes its memory from EAL, or
 * interpreted where the processor has no such compiler. In a process without EAL libpcap interprets
 * its program itself, and DPDK need not be there. Matching is for any number of threads at once.
 */
public final class BpfFilter implements AutoCloseable {
  /** The longest expression, in characters. */
  public static final int MAX_CHARACTERS = 1_024;

  /**
   * The most instructions of libpcap's program. librte_bpf checks a program along every path
   * through it: their number must stay bounded.
   */
  public static final int MAX_INSTRUCTIONS = 512;

  /** Critical, as the other: a filter has no loops. */
  private static final MethodHandle COMPILED =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(JAVA_LONG, JAVA_LONG), Linker.Option.critical(false));

  /** libpcap's program, where there is no EAL; otherwise null. */
  private final @Nullable PcapProgram classic;

  private final MemorySegment program;
  private final long address;
  private final MemorySegment function;
  private final boolean compiled;

  /** Apart, so that DPDK is loaded before its function is looked for. */
  private static final class Interpreter {
    private static final MethodHandle EXECUTE =
        Linker.nativeLinker()
            .downcallHandle(
                Dpdk.rte_bpf_exec$address(),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.critical(false));
  }

  /**
   * Compiles an expression. No name of a host is looked up.
   *
   * @param expression what to match, on Ethernet frames; an empty one matches all
   * @throws DpdkException naming the place, and what libpcap says of it
   */
  public BpfFilter(String expression) {
    if (!Eal.isStarted()) {
      classic = new PcapProgram(expression);
      program = MemorySegment.NULL;
      address = 0;
      function = MemorySegment.NULL;
      compiled = false;
      return;
    }
    classic = null;
    try (Arena arena = Arena.ofConfined();
        PcapProgram source = new PcapProgram(expression)) {
      program = load(arena, expression, source);
      address = program.address();
      final MemorySegment jit = rte_bpf_jit.allocate(arena);
      final int result = Dpdk.rte_bpf_get_jit(program, jit);
      compiled = result == 0 && rte_bpf_jit.func(jit).address() != 0;
      function =
          compiled ? MemorySegment.ofAddress(rte_bpf_jit.func(jit).address()) : MemorySegment.NULL;
    }
  }

  private static MemorySegment load(Arena arena, String expression, PcapProgram source) {
    final MemorySegment parameters = Dpdk.rte_bpf_convert(source.program());
    if (parameters.address() == 0) {
      throw failed("rte_bpf_convert", expression, Eal.errno());
    }
    if (!EbpfProgram.mend(arena, parameters)) {
      Dpdk.rte_free(parameters);
      throw PcapProgram.wrong(
          expression, "it reads before the beginning of the frame", "correct it");
    }
    final MemorySegment program = Dpdk.rte_bpf_load(parameters);
    final int errno = program.address() == 0 ? Eal.errno() : 0;
    Dpdk.rte_free(parameters);
    if (errno != 0) {
      throw failed("rte_bpf_load", expression, errno);
    }
    return program;
  }

  private static DpdkException failed(String call, String expression, int errno) {
    return new DpdkException(
        call + "(" + expression + ")", errno, "use a simpler expression, or the other selectors");
  }

  /**
   * Whether it is compiled to machine code, not interpreted.
   *
   * @return true where EAL runs on x86-64 and ARM64
   */
  public boolean isCompiled() {
    return compiled;
  }

  /**
   * Matches a frame, of one or, where EAL runs, several segments. What lies behind its end does not
   * match. Allocates nothing and does not block.
   *
   * @param mbuf its first segment, or a {@link FrameMbuf}; is only read
   * @return whether it matches
   */
  public boolean matches(long mbuf) {
    if (classic != null) {
      return classic.matches(mbuf);
    }
    try {
      return (compiled
              ? (long) COMPILED.invokeExact(function, mbuf)
              : (long) Interpreter.EXECUTE.invokeExact(address, mbuf))
          != 0;
    } catch (Throwable t) {
      throw Libc.unexpected("rte_bpf_exec", t);
    }
  }

  /** Frees it. No thread matches any more. */
  @Override
  public void close() {
    if (classic != null) {
      classic.close();
    } else {
      Dpdk.rte_bpf_destroy(program);
    }
  }
}
