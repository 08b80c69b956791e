package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.shadowplane.dpdk.abi23.Dpdk;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds DPDK's shared libraries by soname, as the dynamic linker does, and checks that they are of
 * the ABI that the bindings were generated from.
 */
public final class DpdkLibrary {
  /** The DPDK release the bindings were generated from. */
  public static final String RELEASE = "22.11";

  private static final String ABI = "23";
  private static final String REMEDY =
      "install DPDK " + RELEASE + " (on Debian 12: apt-get install dpdk)";

  /** What the bindings call, each after what it depends on. */
  private static final List<String> LIBRARIES =
      List.of("eal", "ring", "mempool", "mbuf", "ethdev", "net_ring", "acl", "bpf");

  private static final String PCAP = "libpcap.so.0.8";

  private static final int RTLD_NOW_GLOBAL = 0x102;
  private static final int RTLD_DI_LINKMAP = 2;

  /** The beginning of glibc's struct link_map: all that is read of it. */
  private static final MemoryLayout LINK_MAP =
      MemoryLayout.structLayout(ADDRESS.withName("l_addr"), ADDRESS.withName("l_name"));

  private static boolean loaded;
  private static boolean pcapLoaded;

  private DpdkLibrary() {}

  /**
   * Loads DPDK, once.
   *
   * @throws DpdkException when it is missing, or of another release: one line with the remedy
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    for (String library : LIBRARIES) {
      loadOne(library);
    }
    loadPcap();
    final String version = version();
    if (!version.startsWith("DPDK " + RELEASE)) {
      throw new DpdkException(
          "these bindings are for DPDK " + RELEASE + ", and " + version + " was found: " + REMEDY);
    }
    loaded = true;
  }

  /**
   * The release that was loaded, as it names itself.
   *
   * @return for example {@code DPDK 22.11.11}
   */
  public static String version() {
    return Dpdk.rte_version().reinterpret(256).getString(0);
  }

  /**
   * Opens by soname, then loads by the path that was found: only so do JVM look-ups see its
   * symbols.
   */
  private static void loadOne(String library) {
    final String soname = "librte_" + library + ".so." + ABI;
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment handle = open(arena, soname);
      if (handle.address() == 0) {
        final String found = otherAbi(arena, library);
        throw new DpdkException(
            found == null
                ? "DPDK's library " + soname + " was not found: " + REMEDY
                : "DPDK's library " + soname + " was not found, but " + found + " was: " + REMEDY);
      }
      System.load(path(arena, handle, soname));
    }
  }

  /**
   * Loads what compiles filter expressions, once; it needs nothing of DPDK.
   *
   * @throws DpdkException when it is missing: one line with the remedy
   */
  static synchronized void loadPcap() {
    if (pcapLoaded) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment handle = open(arena, PCAP);
      if (handle.address() == 0) {
        throw new DpdkException(
            PCAP + " was not found: install it (on Debian 12: apt-get install libpcap0.8)");
      }
      System.load(path(arena, handle, PCAP));
    }
    pcapLoaded = true;
  }

  private static MemorySegment open(Arena arena, String soname) {
    final MethodHandle open =
        Libc.handle("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
    try {
      return (MemorySegment) open.invokeExact(arena.allocateFrom(soname), RTLD_NOW_GLOBAL);
    } catch (Throwable t) {
      throw Libc.unexpected("dlopen", t);
    }
  }

  private static @Nullable String otherAbi(Arena arena, String library) {
    for (int abi = 20; abi < 32; abi++) {
      final String soname = "librte_" + library + ".so." + abi;
      if (open(arena, soname).address() != 0) {
        return soname;
      }
    }
    return null;
  }

  /**
   * The file behind a handle, by the link map that glibc keeps there: dlinfo(RTLD_DI_LINKMAP), then
   * l_name.
   */
  private static String path(Arena arena, MemorySegment handle, String soname) {
    final MethodHandle info =
        Libc.handle("dlinfo", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    final MemorySegment linkMap = arena.allocate(ADDRESS);
    final int result;
    try {
      result = (int) info.invokeExact(handle, RTLD_DI_LINKMAP, linkMap);
    } catch (Throwable t) {
      throw Libc.unexpected("dlinfo", t);
    }
    if (result != 0) {
      throw new DpdkException("dlinfo(" + soname + ") failed: " + REMEDY);
    }
    final MemorySegment map = linkMap.get(ADDRESS, 0).reinterpret(LINK_MAP.byteSize());
    return map.get(ADDRESS, ADDRESS.byteSize()).reinterpret(4096).getString(0);
  }
}
