package dev.shadowplane.dataplane.port;

import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dataplane.file.LockFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A lock a device, held while a data plane uses it: DPDK does not notice two processes on one
 * interface, and each would then see every frame. The kernel releases the locks when the process
 * ends, however it does.
 */
public final class PortLocks implements AutoCloseable {
  private static final Path DIRECTORY = Path.of("/run/lock");
  private static final int MAX_NAME = 200;

  private final List<LockFile> locks = new ArrayList<>();

  /**
   * Takes the locks of all devices that can be used once.
   *
   * @param ports whose
   * @throws PortException when another process holds one; none is held then
   */
  public PortLocks(List<PortConfig> ports) {
    try {
      for (PortConfig port : ports) {
        final String resource = DataPlaneConfigReader.resource(port.device());
        // Rings are made by this process: another one's of the same name are others.
        if (!resource.isEmpty() && !resource.startsWith("net_ring")) {
          lock(port, resource);
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** A file name for a resource: readable, or a digest where that would be too long. */
  private static String fileName(String resource) {
    final String name = (namespace(resource) + resource).replaceAll("[^A-Za-z0-9.=:-]", "_");
    return "shadowplane-"
        + (name.length() <= MAX_NAME
            ? name
            : UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
  }

  private void lock(PortConfig port, String resource) {
    final Path directory =
        Files.isWritable(DIRECTORY) ? DIRECTORY : Path.of(System.getProperty("java.io.tmpdir"));
    final Path file = directory.resolve(fileName(resource));
    try {
      final LockFile lock = LockFile.tryLockTransient(file);
      if (lock == null) {
        throw new PortException(
            "port "
                + port.name()
                + ": another data plane uses "
                + resource
                + " (lock "
                + file
                + "): stop it or choose another device");
      }
      locks.add(lock);
    } catch (IOException e) {
      throw new PortException(
          "port "
              + port.name()
              + ": its lock "
              + file
              + " cannot be opened: remove it ("
              + e
              + ")");
    }
  }

  /** Interfaces of one name in two network namespaces are two. */
  private static String namespace(String resource) {
    if (!resource.startsWith("iface=")) {
      return "";
    }
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/net")) + "-";
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    locks.forEach(LockFile::closeAndDelete);
    locks.clear();
  }
}
