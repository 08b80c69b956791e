package dev.shadowplane.dataplane;

import dev.shadowplane.dataplane.conductor.DataPlane;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.port.PortException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The process of the data plane: {@code shadowplane dataplane --config FILE}. Runs until SIGTERM or
 * SIGINT. Exit status 0 when it was told to end, 1 when it could not run, 2 when its configuration
 * is wrong.
 */
public final class DataPlaneMain {
  private static final long SHUTDOWN_SECONDS = 5;
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  private DataPlaneMain() {}

  /**
   * Runs a data plane.
   *
   * @param arguments {@code --config FILE}
   */
  public static void main(String[] arguments) {
    if (arguments.length == 1 && arguments[0].equals("--help")) {
      System.out.println("usage: shadowplane dataplane --config FILE");
      return;
    }
    if (arguments.length != 2 || !arguments[0].equals("--config")) {
      end(WRONG_USAGE, "usage: shadowplane dataplane --config FILE");
      return;
    }
    final DataPlane dataPlane;
    try {
      final DataPlaneConfig config = DataPlaneConfigReader.read(Path.of(arguments[1]));
      dataPlane = DataPlane.launch(config, DataPlaneMain::log);
    } catch (ConfigException | PortException e) {
      end(WRONG_USAGE, e.getMessage());
      return;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      end(FAILED, e.getMessage() == null ? e.toString() : e.getMessage());
      return;
    }
    final CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  watchdog();
                  dataPlane.close();
                  ended.countDown();
                  Runtime.getRuntime().halt(0);
                }));
    System.out.println("shadowplane dataplane ready");
    System.out.flush();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A device that hangs must not keep a data plane from being replaced. */
  private static void watchdog() {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            TimeUnit.SECONDS.sleep(SHUTDOWN_SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          log("did not stop within " + SHUTDOWN_SECONDS + " s: ended without");
          Runtime.getRuntime().halt(FAILED);
        });
  }

  private static void log(String line) {
    System.err.println("shadowplane dataplane: " + line);
  }

  private static void end(int status, @Nullable String message) {
    log(String.valueOf(message).lines().reduce((a, b) -> a + " " + b).orElse(""));
    System.exit(status);
  }
}
