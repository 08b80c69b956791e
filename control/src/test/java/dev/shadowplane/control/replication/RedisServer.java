package dev.shadowplane.control.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A Redis of a test, behind a socket in a folder of its own, without any port. */
final class RedisServer {
  private final Path folder;
  private Process process;
  private SocketChannel channel;
  private InputStream in;

  RedisServer(final Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.process = begin();
    this.channel = connect();
    this.in = new BufferedInputStream(Channels.newInputStream(channel));
  }

  static boolean isInstalled() {
    return Files.isExecutable(Path.of("/usr/bin/redis-server"));
  }

  private Process begin() throws IOException {
    return new ProcessBuilder(
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            "redis.sock",
            "--save",
            "",
            "--appendonly",
            "no",
            "--repl-diskless-sync-delay",
            "0",
            "--enable-debug-command",
            "local")
        .directory(folder.toFile())
        .redirectOutput(folder.resolve("log").toFile())
        .redirectErrorStream(true)
        .start();
  }

  private SocketChannel connect() {
    final SocketChannel[] connected = new SocketChannel[1];
    Trees.await(
        "redis-server",
        () -> {
          try {
            connected[0] = SocketChannel.open(StandardProtocolFamily.UNIX);
            // Socket paths are short: by the folder of the server.
            return connected[0].connect(UnixDomainSocketAddress.of(folder.resolve("redis.sock")));
          } catch (IOException e) {
            return false;
          }
        });
    return connected[0];
  }

  /** Ends it with all that it held, and starts it empty. */
  void restart() throws Exception {
    end();
    Files.deleteIfExists(folder.resolve("redis.sock"));
    Files.deleteIfExists(folder.resolve("dump.rdb"));
    process = begin();
    channel = connect();
    in = new BufferedInputStream(Channels.newInputStream(channel));
  }

  /** One command; errors come as text. */
  @Nullable Object call(final String... command) throws IOException {
    final StringBuilder text = new StringBuilder("*" + command.length + "\r\n");
    for (final String word : command) {
      text.append('$').append(word.getBytes(StandardCharsets.ISO_8859_1).length);
      text.append("\r\n").append(word).append("\r\n");
    }
    channel.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1)));
    return reply();
  }

  private @Nullable Object reply() throws IOException {
    final StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      assertThat(c).isNotNegative();
      line.append((char) c);
    }
    final String rest = line.substring(1, line.length() - 1);
    return switch (line.charAt(0)) {
      case ':' -> Long.valueOf(rest);
      case '$' -> {
        if (rest.equals("-1")) {
          yield null;
        }
        final byte[] bytes = in.readNBytes(Integer.parseInt(rest) + 2);
        yield new String(bytes, 0, bytes.length - 2, StandardCharsets.ISO_8859_1);
      }
      case '*' -> {
        final List<@Nullable Object> list = new ArrayList<>();
        for (int i = Integer.parseInt(rest); i > 0; i--) {
          list.add(reply());
        }
        yield list;
      }
      default -> rest;
    };
  }

  /** Every key of every database, with a digest of its value and when it ends. */
  Map<String, String> contents() throws IOException {
    final Map<String, String> contents = new TreeMap<>();
    for (int database = 0; database < 16; database++) {
      call("SELECT", Integer.toString(database));
      if (call("KEYS", "*") instanceof List<?> keys) {
        for (final Object key : keys) {
          if (!key.equals("shadowplane:replication")) {
            contents.put(
                database + " " + key,
                call("DEBUG", "DIGEST-VALUE", key.toString())
                    + " "
                    + call("PEXPIRETIME", key.toString()));
          }
        }
      }
    }
    call("SELECT", "0");
    return contents;
  }

  /** Ends it. */
  void end() throws Exception {
    channel.close();
    process.destroyForcibly().waitFor();
  }
}
