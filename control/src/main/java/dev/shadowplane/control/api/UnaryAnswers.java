package dev.shadowplane.control.api;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** How calls with one answer end: with the answer, or with the status of what went wrong. */
final class UnaryAnswers {
  private UnaryAnswers() {}

  /** Answers when the future completes of a call that may also fail before there is one. */
  static <T> void attempt(
      final StreamObserver<T> client, final Callable<CompletableFuture<T>> call) {
    try {
      answer(client, call.call());
    } catch (Exception e) {
      client.onError(Failures.of(e));
    }
  }

  /** Answers when the future completes. */
  static <T> void answer(final StreamObserver<T> client, final CompletableFuture<T> future) {
    final CompletableFuture<T> _ =
        future.whenComplete((response, thrown) -> {
          if (thrown != null) {
            client.onError(Failures.of(thrown));
          } else {
            client.onNext(response);
            client.onCompleted();
          }
        });
  }
}
