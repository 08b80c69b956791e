package dev.shadowplane.dataplane.journal;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts what one queue writes, with a key of its own for each file. Belongs to the writer's
 * thread; allocates a document and a file, not a frame.
 */
final class DocumentSealer {
  private final Path keyFile;
  private final int queue;
  private final long sessionNs;
  private final Consumer<String> warnings;
  private final JournalCipher cipher = new JournalCipher();
  private JournalDocument sealed = new JournalDocument(JournalFormat.HEADER_BYTES);
  private @Nullable JournalKeys keys;
  private @Nullable SecretKey key;
  private long keyId;
  private int cycle = Integer.MIN_VALUE;

  /**
   * For a queue of one session.
   *
   * @param warnings is told why a key file that has changed is not used
   */
  DocumentSealer(Path keyFile, int queue, long sessionNs, Consumer<String> warnings) {
    this.keyFile = keyFile;
    this.queue = queue;
    this.sessionNs = sessionNs;
    this.warnings = warnings;
  }

  /**
   * Goes on in the file of a cycle. The key file is read again for each, so that a key can be
   * replaced while the journal runs; where that fails, the keys read before remain in use.
   *
   * @throws JournalException when it cannot be read for the first time
   */
  void enter(int fileCycle) throws JournalException {
    if (fileCycle == cycle) {
      return;
    }
    JournalKeys current = keys;
    try {
      current = JournalKeys.read(keyFile);
    } catch (JournalException e) {
      if (current == null) {
        throw e;
      }
      warnings.accept(e.getMessage() + "; the journal goes on with key " + keyId);
    }
    keys = current;
    keyId = current.writingId();
    SecretKey master = Objects.requireNonNull(current.key(keyId));
    key = JournalCipher.derive(master, sessionNs, queue, fileCycle);
    cycle = fileCycle;
  }

  /**
   * Encrypts a document, of which {@link JournalDocument#range} is set.
   *
   * @return the document to write, longer by {@link JournalCipher#TAG_BYTES}; valid until the next
   */
  JournalDocument seal(JournalDocument plain, int type, long number, long timeNs, int lengthBytes) {
    SecretKey current = Objects.requireNonNull(key, "no file has been entered");
    int sealedBytes = lengthBytes + JournalCipher.TAG_BYTES;
    if (sealedBytes > sealed.capacityBytes()) {
      sealed = new JournalDocument(plain.capacityBytes() + JournalCipher.TAG_BYTES);
    }
    plain.header(type, sessionNs, number, timeNs, sealedBytes, keyId);
    sealed.buffer().putBytes(0, plain.buffer(), 0, JournalFormat.HEADER_BYTES);
    cipher.encrypt(
        current,
        number,
        plain.bytes().position(0).limit(lengthBytes),
        sealed.bytes().position(JournalFormat.HEADER_BYTES));
    plain.bytes().clear();
    sealed.bytes().clear();
    sealed.check(sealedBytes);
    return sealed;
  }
}
