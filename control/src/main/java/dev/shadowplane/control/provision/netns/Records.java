package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is provisioned, in files: one of each item, written before the kernel is touched, so that
 * what a crash has left half made is known. Safe for several threads.
 */
final class Records {
  private static final String SUFFIX = ".json";

  private final Folders folders;
  private final Map<ItemKey, Entry> entries = new ConcurrentHashMap<>();

  /**
   * Reads what is there.
   *
   * @throws ProvisionException if a file cannot be read, or is damaged.
   */
  Records(final Folders folders) throws ProvisionException {
    this.folders = folders;
    for (final String network : folders.networks()) {
      for (final Path file : Folders.list(folders.items(network))) {
        if (file.toString().endsWith(SUFFIX)) {
          read(file);
        }
      }
    }
  }

  private void read(final Path file) throws ProvisionException {
    try {
      final Entry entry = ItemJson.read(Files.readString(file), Entry.class);
      entries.put(entry.item().key(), entry);
    } catch (NoSuchFileException e) {
      // Deleted at this moment.
    } catch (IOException | IllegalArgumentException e) {
      throw new ProvisionException(
          file + " cannot be read: " + e.getMessage() + ": delete it, and what it is about", e);
    }
  }

  @Nullable Entry get(final ItemKey key) {
    return entries.get(key);
  }

  /** Those of a network, in the order in which they need each other. */
  List<Entry> of(final String network) {
    return entries.values().stream()
        .filter(entry -> entry.item().key().network().equals(network))
        .sorted((a, b) -> {
          final ItemKey first = a.item().key();
          final ItemKey second = b.item().key();
          final int kinds = first.kind().compareTo(second.kind());
          return kinds != 0 ? kinds : first.name().compareTo(second.name());
        })
        .toList();
  }

  Collection<Entry> all() {
    return List.copyOf(entries.values());
  }

  Set<String> networks() {
    return entries.keySet().stream().map(ItemKey::network).collect(Collectors.toSet());
  }

  /** The first user of a range that nobody is. */
  synchronized int reserveUid(final Entry entry, final UidRange range) throws ProvisionException {
    final Set<Integer> taken =
        entries.values().stream().map(Entry::uid).collect(Collectors.toSet());
    for (int uid = range.first(); uid <= range.last(); uid++) {
      if (!taken.contains(uid)) {
        put(entry.withUid(uid));
        return uid;
      }
    }
    throw new ProvisionException(
        "all users of " + range + " are taken: give a larger uid-range, or delete services");
  }

  void put(final Entry entry) throws ProvisionException {
    final ItemKey key = entry.item().key();
    try {
      folders.make(key.network());
      // Not forced to the disk: when the host goes down, so does all that this is about.
      final Path file = file(key);
      final Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, ItemJson.write(entry));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new ProvisionException(file(key) + " cannot be written: " + e, e);
    }
    entries.put(key, entry);
  }

  void remove(final ItemKey key) throws ProvisionException {
    try {
      Files.deleteIfExists(file(key));
    } catch (IOException e) {
      throw new ProvisionException(file(key) + " cannot be deleted: " + e, e);
    }
    entries.remove(key);
  }

  private Path file(final ItemKey key) {
    final String kind = key.kind().name().toLowerCase(Locale.ROOT);
    return folders.items(key.network()).resolve(kind + "." + key.name() + SUFFIX);
  }

  /** The items of a kind, of a network. */
  <T> List<T> items(final String network, final Class<T> type) {
    final List<T> items = new ArrayList<>();
    for (final Entry entry : of(network)) {
      if (type.isInstance(entry.item())) {
        items.add(type.cast(entry.item()));
      }
    }
    return items;
  }
}
