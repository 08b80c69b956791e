package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.session.Session;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A dialogue in HTTP/1.1: each request with both final responses, pipelined ones too. The shadow
 * has to have given as many final responses as production, and as many interim ones (100 and the
 * like), for which it has a second. What follows an upgrade or CONNECT, or is no HTTP, is taken by
 * turns; of the latter nothing is compared.
 */
final class HttpDialogue implements Dialogue {
  private static final long INTERIM_NS = TimeUnit.SECONDS.toNanos(1);

  /** Requests in flight; no more are passed on before the shadow has answered some. */
  private static final int MAX_REQUESTS = 4_096;

  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int OK = 200;
  private static final int FIRST_OTHER = 300;
  private static final Pattern BEGINNING = Pattern.compile("[A-Z]{3,20} [!-~]");
  private static final int BEGINNING_BYTES = 22;

  /** A request and what is known of the answers. */
  private static final class Request {
    private final String method;
    private final String line;
    private final long beginNs;
    private long askedNs;
    private long shadowAskedNs;
    private boolean whole;
    private boolean timed;
    private @Nullable Answer primary;
    private @Nullable Answer shadow;

    private Request(final String method, final String line, final long beginNs) {
      this.method = method;
      this.line = line;
      this.beginNs = beginNs;
    }
  }

  /** The responses of one of the two servers. */
  private final class Responses implements HttpMessages.Sink {
    private final boolean ofShadow;
    private final Deque<Request> asked = new ArrayDeque<>();
    private final HttpMessages messages = HttpMessages.responses(this::nextMethod, this);
    private AnswerDigest digest = new AnswerDigest();
    private int status;
    private long finals;
    private long interims;
    private boolean switched;
    private long timeNs;

    private Responses(final boolean ofShadow) {
      this.ofShadow = ofShadow;
    }

    private String nextMethod() {
      final Request next = asked.peekFirst();
      return next == null ? "" : next.method;
    }

    private void add(final byte[] bytes, final int offset, final int count, final long atNs) {
      timeNs = atNs;
      messages.add(bytes, offset, count);
    }

    private boolean isInterim() {
      return status < OK && status != SWITCHING_PROTOCOLS;
    }

    @Override
    public void head(final HttpMessage message) {
      status = ((HttpResponse) message).status().code();
    }

    @Override
    public void body(final byte[] bytes) {
      digest.add(bytes, 0, bytes.length, timeNs);
    }

    @Override
    public void end() {
      if (isInterim()) {
        interims++;
        return;
      }
      finals++;
      final Request request = asked.pollFirst();
      if (request == null) {
        digest = new AnswerDigest(); // Nobody asked.
        return;
      }
      final long since = ofShadow ? request.shadowAskedNs : request.askedNs;
      final Answer answer = digest.end(status, since, timeNs);
      if (ofShadow) {
        request.shadow = answer;
      } else {
        request.primary = answer;
      }
      switched |=
          status == SWITCHING_PROTOCOLS
              || (request.method.equals("CONNECT") && status < FIRST_OTHER);
      tell();
    }
  }

  private final Session session;
  private final ExchangeSink sink;
  private final Runnable notHttp;
  private final Deque<Request> requests = new ArrayDeque<>();
  private final HttpMessages fromClient =
      HttpMessages.requests(
          new HttpMessages.Sink() {
            @Override
            public void head(final HttpMessage message) {
              begin((HttpRequest) message);
            }

            @Override
            public void body(final byte[] bytes) {
              // The client's bytes are the same for both.
            }

            @Override
            public void end() {
              requests.getLast().whole = true;
            }
          });
  private final Responses primary = new Responses(false);
  private final Responses shadow = new Responses(true);
  private @Nullable TurnDialogue rest;
  private boolean reported;
  private long sentNs;
  private long shadowSentNs;

  HttpDialogue(final Session session, final ExchangeSink sink, final Runnable notHttp) {
    this.session = session;
    this.sink = sink;
    this.notHttp = notHttp;
  }

  /** Whether what a client sent first looks like a request of HTTP/1. */
  static boolean speaks(final byte[] bytes) {
    final String start =
        new String(bytes, 0, Math.min(bytes.length, BEGINNING_BYTES), StandardCharsets.ISO_8859_1);
    return BEGINNING.matcher(start).lookingAt() && !start.startsWith("PRI * HTTP/2");
  }

  private void begin(final HttpRequest request) {
    final String line =
        request.method().name() + " " + request.uri() + " " + request.protocolVersion().text();
    final Request begun = new Request(request.method().name(), Preview.of(line), sentNs);
    requests.add(begun);
    primary.asked.add(begun);
    shadow.asked.add(begun);
  }

  @Override
  public void clientSent(final byte[] bytes, final long timestampNs, final long nowNs) {
    sentNs = timestampNs;
    shadowSentNs = nowNs;
    if (rest == null && primary.switched) {
      rest = new TurnDialogue(session, sink);
    }
    if (rest != null) {
      rest.clientSent(bytes, timestampNs, nowNs);
      return;
    }
    fromClient.add(bytes, 0, bytes.length);
    markAsked(timestampNs, nowNs);
    check(fromClient);
    if (rest != null) {
      rest.clientSent(bytes, timestampNs, nowNs);
    }
  }

  /** The time of a request is that of its last bytes. */
  private void markAsked(final long timestampNs, final long nowNs) {
    final Iterator<Request> latest = requests.descendingIterator();
    while (latest.hasNext()) {
      final Request request = latest.next();
      if (request.timed) {
        return;
      }
      request.askedNs = timestampNs;
      request.shadowAskedNs = nowNs;
      request.timed = request.whole;
    }
  }

  @Override
  public void primarySent(
      final byte[] bytes, final int offset, final int count, final long timestampNs) {
    if (rest != null || primary.switched) {
      rest().primarySent(bytes, offset, count, timestampNs);
    } else {
      primary.add(bytes, offset, count, timestampNs);
      check(primary.messages);
    }
  }

  private TurnDialogue rest() {
    if (rest == null) {
      rest = new TurnDialogue(session, sink);
    }
    return rest;
  }

  @Override
  public void primaryEnded(final long timestampNs) {
    primary.timeNs = timestampNs;
    primary.messages.close();
  }

  @Override
  public void shadowSent(final byte[] bytes, final int count, final long nowNs) {
    if (rest != null || shadow.switched) {
      rest().shadowSent(bytes, count, nowNs);
    } else {
      shadow.add(bytes, 0, count, nowNs);
      check(shadow.messages);
    }
  }

  @Override
  public void shadowEnded(final long nowNs) {
    shadow.timeNs = nowNs;
    shadow.messages.close();
    if (rest != null) {
      rest.shadowEnded(nowNs);
    }
  }

  private void check(final HttpMessages messages) {
    if (messages.isBroken() && !reported) {
      reported = true;
      notHttp.run();
      requests.clear();
      rest = new TurnDialogue(session, exchange -> {});
    }
  }

  @Override
  public boolean hasAnswered(final long nowNs) {
    if (rest != null) {
      return rest.hasAnswered(nowNs);
    }
    return requests.size() < MAX_REQUESTS
        && shadow.finals >= primary.finals
        && (shadow.interims >= primary.interims || nowNs - shadowSentNs >= INTERIM_NS);
  }

  private void tell() {
    Request first = requests.peekFirst();
    while (first != null && first.primary != null && first.shadow != null) {
      requests.removeFirst();
      tell(first, first.primary);
      first = requests.peekFirst();
    }
  }

  private void tell(final Request request, final Answer answer) {
    sink.accept(
        new Exchange(
            request.beginNs,
            session.service(),
            Ends.text(session.client()),
            request.line,
            answer,
            request.shadow));
  }

  @Override
  public void finish() {
    primary.messages.close();
    shadow.messages.close();
    fromClient.close();
    for (final Request request : requests) {
      final Answer answer = request.primary;
      if (answer != null) {
        tell(request, answer);
      }
    }
    requests.clear();
    if (rest != null) {
      rest.finish();
    }
  }
}
