package dev.shadowplane.control.feed;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A server that answers each thing it hears by a function: nothing for the empty text, and it
 * closes after {@link #CLOSE}.
 */
final class ScriptedServer implements AutoCloseable {
  static final String CLOSE = "\u0000close";

  private final ServerSocket server;
  private final String greeting;
  private final Function<String, String> answers;
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<Long> heardNs = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  ScriptedServer(final String greeting, final Function<String, String> answers) throws IOException {
    this.greeting = greeting;
    this.answers = answers;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.add(Thread.ofVirtual().start(this::accept));
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  /** What was heard, piece by piece. */
  List<String> heard() {
    return heard;
  }

  /** When each piece was heard. */
  List<Long> heardNs() {
    return heardNs;
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        final Socket socket = server.accept();
        sockets.add(socket);
        threads.add(Thread.ofVirtual().start(() -> serve(socket)));
      }
    } catch (IOException e) {
      return; // Closed.
    }
  }

  private void serve(final Socket socket) {
    final byte[] bytes = new byte[1 << 16];
    try (socket) {
      write(socket, greeting);
      final InputStream from = socket.getInputStream();
      int count = from.read(bytes);
      while (count >= 0) {
        heardNs.add(System.nanoTime());
        final String text = new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
        heard.add(text);
        final String answer = answers.apply(text);
        write(socket, answer.replace(CLOSE, ""));
        if (answer.endsWith(CLOSE)) {
          return;
        }
        count = from.read(bytes);
      }
    } catch (IOException e) {
      heard.add("(reset)");
    }
  }

  private static void write(final Socket socket, final String text) throws IOException {
    if (!text.isEmpty()) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (final Socket socket : sockets) {
      socket.close();
    }
    try {
      for (final Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
