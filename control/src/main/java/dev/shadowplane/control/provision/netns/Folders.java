package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.model.Names;
import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of the provisioner. A network has a folder, in it {@code items} with what is
 * remembered, {@code services/SERVICE.VM} with the log and the state of a service, and {@code
 * agents/NAME} with the log and the report of an agent. The configured group may read logs and
 * reports; the state belongs to the service.
 */
final class Folders {
  private static final int GROUP_KEEPING = 02750;

  private final Path root;
  private final int group;

  /**
   * Below a folder.
   *
   * @param root it exists.
   * @param group who may read reports; -1 for only root.
   */
  Folders(final Path root, final int group) {
    this.root = root;
    this.group = group;
  }

  Path network(final String network) {
    return root.resolve(network);
  }

  Path items(final String network) {
    return network(network).resolve("items");
  }

  /** The folder of a service, {@code SERVICE.VM}. */
  Path service(final String network, final String name) {
    return network(network).resolve("services").resolve(name);
  }

  Path state(final String network, final String name) {
    return service(network, name).resolve("state");
  }

  Path agent(final String network, final String name) {
    return network(network).resolve("agents").resolve(name);
  }

  /** The folder that a namespace's rule monitor writes to. */
  Path watched() {
    return root.resolve("_watched");
  }

  Path lock() {
    return root.resolve("_lock");
  }

  /** The networks that have a folder. */
  List<String> networks() throws ProvisionException {
    final List<String> names = new ArrayList<>();
    for (final Path folder : list(root)) {
      final String name = String.valueOf(folder.getFileName());
      if (Names.valid(name)) {
        names.add(name);
      }
    }
    return names;
  }

  static List<Path> list(final Path folder) throws ProvisionException {
    try (var entries = Files.newDirectoryStream(folder)) {
      final List<Path> list = new ArrayList<>();
      entries.forEach(list::add);
      return list;
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new ProvisionException(folder + " cannot be listed: " + e, e);
    }
  }

  /** Makes those of a network. */
  void make(final String network) throws IOException {
    if (!Files.isDirectory(items(network))) {
      folder(network(network), "rwxr-x--x", 0);
      folder(network(network).resolve("services"), "rwxr-x--x", 0);
      folder(network(network).resolve("agents"), "rwxr-x--x", 0);
      folder(items(network), "rwx------", 0);
    }
  }

  /** Makes one that the configured group may read, if it is missing. */
  void folder(final Path folder, final String permissions, final int uid) throws IOException {
    Files.createDirectories(folder);
    if (group >= 0) {
      Files.setAttribute(folder, "unix:gid", group);
    }
    Files.setAttribute(folder, "unix:uid", uid);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
  }

  /**
   * Makes the folder that a service keeps its state in, or an agent its report. What it puts there
   * is of the configured group, who may read it unless the owner says otherwise.
   */
  void readable(final Path folder, final int uid) throws IOException {
    folder(folder, "rwxr-x---", uid);
    Files.setAttribute(folder, "unix:mode", GROUP_KEEPING);
  }

  int group() {
    return group;
  }

  /** Deletes a folder and what is in it; a link is not followed. */
  static void delete(final Path folder) throws ProvisionException {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(final Path file, final IOException thrown)
                throws IOException {
              if (thrown instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw thrown;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                final Path directory,
                final java.io.@org.jspecify.annotations.Nullable IOException e)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new ProvisionException(folder + " cannot be deleted: " + e, e);
    }
  }
}
