package dev.shadowplane.control.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps texts under keys, and every version of them. A change of several keys is atomic and, once
 * {@link #commit} has returned, survives the end of the process at any moment. Keys are paths such
 * as {@code templates/shop}. Safe for several threads; one process at a time.
 */
public interface ConfigStore extends AutoCloseable {
  /**
   * One version of one key.
   *
   * @param key the key.
   * @param revision the commit that made it; the same for all keys of one commit, ascending.
   * @param atNs when, in nanoseconds since 1970.
   * @param value the text; empty if the commit removed the key.
   */
  record Version(String key, long revision, long atNs, Optional<String> value) {}

  /** The present value of a key. */
  Optional<String> get(String key);

  /** The present values of all keys that begin with a prefix, by key. */
  Map<String, String> list(String prefix);

  /** The value that a key had at a time, in nanoseconds since 1970; empty if it had none. */
  Optional<String> getAt(String key, long atNs);

  /** The newest versions of a key, newest first. */
  List<Version> history(String key, int limit);

  /**
   * Makes changes, all or none.
   *
   * @param changes the new values; an empty one removes the key.
   * @return the revision that they are of.
   */
  long commit(Map<String, Optional<String>> changes);

  @Override
  void close();
}
