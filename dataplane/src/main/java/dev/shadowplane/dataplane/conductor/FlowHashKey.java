package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.file.AtomicFile;
import dev.shadowplane.dataplane.packet.FlowHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The key of the flow hash: configured, or made at the first start and kept, so that a restart
 * samples the same flows.
 */
final class FlowHashKey {
  private FlowHashKey() {}

  static String of(DataPlaneConfig config) throws IOException {
    if (config.flowHashKey().isPresent()) {
      return config.flowHashKey().get();
    }
    final Path file = config.stateDirectory().resolve("flow-hash.key");
    if (!Files.exists(file)) {
      final byte[] key = new byte[FlowHash.KEY_BYTES];
      new SecureRandom().nextBytes(key);
      AtomicFile.write(file, HexFormat.of().formatHex(key) + "\n");
    }
    final String text = Files.readString(file).strip();
    if (!text.matches("\\p{XDigit}{32}")) {
      throw new ConfigException(file + ": does not hold 32 hexadecimal digits: remove it");
    }
    return text;
  }
}
