package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.session.Session;
import java.util.concurrent.TimeUnit;

/**
 * A dialogue in any protocol, by turns: a turn of the client begins with the first bytes that it
 * sends after it has acknowledged more of the server's, and its answer are the bytes until the next
 * one. A server that speaks first answers an empty turn 0. The shadow's answer to a turn is what it
 * sends until the next one is passed on; it is complete when it has as many bytes as production's,
 * or when it has some and was quiet for {@link #QUIET_NS}.
 */
final class TurnDialogue implements Dialogue {
  /** How long the shadow is quiet when an answer shorter than production's is over. */
  static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Session session;
  private final ExchangeSink sink;
  private final AnswerDigest primary = new AnswerDigest();
  private final AnswerDigest shadow = new AnswerDigest();
  private int turn;
  private String preview = "";
  private long beginNs;
  private long askedNs;
  private long shadowAskedNs = System.nanoTime();
  private long heardNs = shadowAskedNs;
  private boolean shadowEnded;

  TurnDialogue(final Session session, final ExchangeSink sink) {
    this.session = session;
    this.sink = sink;
    beginNs = session.startNs();
    askedNs = session.startNs();
  }

  @Override
  public void clientSent(final byte[] bytes, final long timestampNs, final long nowNs) {
    if (primary.bytes() > 0) {
      endTurn();
      turn++;
      preview = "";
      beginNs = timestampNs;
    }
    if (preview.isEmpty()) {
      preview = Preview.of(bytes);
    }
    askedNs = timestampNs;
    shadowAskedNs = nowNs;
    heardNs = nowNs;
  }

  private void endTurn() {
    final Answer primaryAnswer = primary.end(0, askedNs, primary.lastNs());
    final boolean silent = shadow.bytes() == 0;
    final Answer shadowAnswer = shadow.end(0, shadowAskedNs, shadow.lastNs());
    sink.accept(
        new Exchange(
            beginNs,
            session.service(),
            Ends.text(session.client()),
            "turn " + turn + ": " + preview,
            primaryAnswer,
            silent ? null : shadowAnswer));
  }

  @Override
  public void primarySent(
      final byte[] bytes, final int offset, final int count, final long timestampNs) {
    primary.add(bytes, offset, count, timestampNs);
  }

  @Override
  public void primaryEnded(final long timestampNs) {
    // The end of a turn is seen by the next one.
  }

  @Override
  public void shadowSent(final byte[] bytes, final int count, final long nowNs) {
    shadow.add(bytes, 0, count, nowNs);
    heardNs = nowNs;
  }

  @Override
  public void shadowEnded(final long nowNs) {
    shadowEnded = true;
  }

  @Override
  public boolean hasAnswered(final long nowNs) {
    final long got = shadow.bytes();
    return got >= primary.bytes() || (got > 0 && (shadowEnded || nowNs - heardNs >= QUIET_NS));
  }

  @Override
  public void finish() {
    if (primary.bytes() > 0) {
      endTurn();
    }
  }
}
