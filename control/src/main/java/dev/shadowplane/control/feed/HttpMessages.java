package dev.shadowplane.control.feed;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages of HTTP/1.1 (RFC 9112) in one direction of a connection. Bodies are as they were
 * transferred, without chunking. One thread at a time.
 */
final class HttpMessages {
  /** Takes what a message consists of. */
  interface Sink {
    /** A message begins. */
    void head(HttpMessage message);

    /** Bytes of its body. */
    void body(byte[] bytes);

    /** It is complete. */
    void end();
  }

  private final EmbeddedChannel channel;
  private final Sink sink;
  private boolean broken;
  private boolean closed;

  private HttpMessages(final HttpObjectDecoder decoder, final Sink sink) {
    this.channel = new EmbeddedChannel(decoder);
    this.sink = sink;
  }

  /** Of a client. */
  static HttpMessages requests(final Sink sink) {
    return new HttpMessages(new HttpRequestDecoder(), sink);
  }

  /**
   * Of a server.
   *
   * @param nextMethod the method of the request that the next final response answers; empty if
   *     there is none.
   */
  static HttpMessages responses(final Supplier<String> nextMethod, final Sink sink) {
    return new HttpMessages(
        new HttpResponseDecoder() {
          @Override
          protected boolean isContentAlwaysEmpty(final HttpMessage message) {
            return nextMethod.get().equals("HEAD") || super.isContentAlwaysEmpty(message);
          }
        },
        sink);
  }

  /** Takes bytes. */
  void add(final byte[] bytes, final int offset, final int count) {
    if (!broken && !closed) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, offset, count));
      drain();
    }
  }

  /** Nothing follows; a body that the end of the connection ends is complete. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    channel.finish();
    if (!broken) {
      drain();
    }
    channel.releaseInbound();
  }

  private void drain() {
    @Nullable Object read = channel.readInbound();
    while (read != null) {
      try {
        take(read);
      } finally {
        ReferenceCountUtil.release(read);
      }
      read = channel.readInbound();
    }
  }

  private void take(final Object read) {
    broken |= read instanceof HttpObject object && !object.decoderResult().isSuccess();
    if (broken) {
      return;
    }
    if (read instanceof HttpMessage message) {
      sink.head(message);
    }
    if (read instanceof HttpContent content) {
      final ByteBuf body = content.content();
      if (body.isReadable()) {
        final byte[] bytes = new byte[body.readableBytes()];
        body.readBytes(bytes);
        sink.body(bytes);
      }
      if (read instanceof LastHttpContent) {
        sink.end();
      }
    }
  }

  /** Whether something came that is no HTTP; all that follows is passed over. */
  boolean isBroken() {
    return broken;
  }
}
