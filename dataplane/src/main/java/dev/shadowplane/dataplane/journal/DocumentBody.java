package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import javax.crypto.SecretKey;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The body of the document read last: where it was read to, or decrypted. */
final class DocumentBody {
  private static final long NO_KEY = 0;

  private final int queue;
  private @Nullable JournalKeys keys;
  private final JournalCipher cipher = new JournalCipher();
  private final UnsafeBuffer plainView = new UnsafeBuffer(0, 0);
  private ByteBuffer plain = ByteBuffer.allocateDirect(0);
  private UnsafeBuffer buffer = plainView;
  private ByteBuffer bytes = plain;
  private int start;
  private int end;

  /** What the key at hand was derived for. */
  private long derivedId = NO_KEY;

  private long derivedSessionNs;
  private int derivedCycle;
  private @Nullable SecretKey derived;

  /** The key that a document needs is not there. */
  static final class NoKeyException extends Exception {
    private static final long serialVersionUID = 1L;

    private NoKeyException(long id, @Nullable JournalKeys keys) {
      super(
          "encrypted with key "
              + id
              + (keys == null
                  ? ", and no key file was given: name the one that holds it"
                  : ", which " + keys + " does not hold"));
    }
  }

  /** For documents of one queue, with keys if it may be encrypted. */
  DocumentBody(int queue, @Nullable JournalKeys keys) {
    this.queue = queue;
    this.keys = keys;
  }

  /**
   * Goes to the body of a document.
   *
   * @param cycle of the file it is in
   * @return what is wrong with it, or null
   * @throws NoKeyException when it is encrypted with a key that is not at hand
   */
  @Nullable String open(DocumentHeader header, QueueFile.ReadBuffer memory, int cycle)
      throws NoKeyException {
    int bodyStart = header.index() + JournalFormat.HEADER_BYTES;
    int bodyEnd = header.index() + header.lengthBytes();
    if (!header.isEncrypted()) {
      take(memory.view(), memory.bytes(), bodyStart, bodyEnd);
      return null;
    }
    int length = bodyEnd - bodyStart - JournalCipher.TAG_BYTES;
    if (length > plain.capacity()) {
      plain = ByteBuffer.allocateDirect(Math.max(length, 2 * plain.capacity()));
      plainView.wrap(plain);
    }
    ByteBuffer document = memory.bytes().duplicate().limit(bodyEnd).position(header.index());
    if (!cipher.decrypt(key(header, cycle), header.number(), document, plain.clear())) {
      return "was changed, or key " + header.keyId() + " is not the one that it was encrypted with";
    }
    take(plainView, plain.clear(), 0, length);
    return null;
  }

  private void take(UnsafeBuffer view, ByteBuffer of, int from, int to) {
    buffer = view;
    bytes = of;
    start = from;
    end = to;
  }

  private SecretKey key(DocumentHeader header, int cycle) throws NoKeyException {
    SecretKey known = derived;
    if (known != null
        && header.keyId() == derivedId
        && header.sessionNs() == derivedSessionNs
        && cycle == derivedCycle) {
      return known;
    }
    SecretKey master = master(header.keyId());
    SecretKey fresh = JournalCipher.derive(master, header.sessionNs(), queue, cycle);
    derived = fresh;
    derivedId = header.keyId();
    derivedSessionNs = header.sessionNs();
    derivedCycle = cycle;
    return fresh;
  }

  private SecretKey master(long id) throws NoKeyException {
    JournalKeys known = keys;
    SecretKey master = known == null ? null : known.key(id);
    if (known != null && master == null) {
      try {
        // A key may have come since; the journal goes on with it from its next file on.
        known = JournalKeys.read(known.file());
        keys = known;
        master = known.key(id);
      } catch (JournalException e) {
        throw new NoKeyException(id, known);
      }
    }
    if (master == null) {
      throw new NoKeyException(id, known);
    }
    return master;
  }

  /** Holds the body from {@link #start} to {@link #end}, until the next step of the cursor. */
  UnsafeBuffer buffer() {
    return buffer;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  /** The body, for decoding. */
  ByteBuffer bytes() {
    return bytes.slice(start, end - start).order(LITTLE_ENDIAN);
  }
}
