package dev.shadowplane.control.provision.external;

import dev.shadowplane.control.provision.ItemJson;
import dev.shadowplane.control.provision.Step;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A step that the orchestrator is to carry out.
 *
 * @param position its place among all actions; grows, also over restarts of control.
 * @param id the item and a hash of what is to be done about it: the same step has the same id
 *     whenever it is asked for, so that an orchestrator sees what it has done already.
 * @param step what is to be done.
 */
public record Action(long position, String id, Step step) {
  private static final int HASH_BYTES = 8;

  static Action of(final long position, final Step step) {
    return new Action(position, id(step), step);
  }

  private static String id(final Step step) {
    try {
      final byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(ItemJson.write(step).getBytes(StandardCharsets.UTF_8));
      return step.key() + "@" + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
