package io.millrace.storage.object.s3;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Connects results of the port to SDK requests. */
final class S3Futures {

    private S3Futures() {}

    /** Returns a result that completes when the response passes the check. */
    static <A> CompletableFuture<Void> call(
            String what, CompletableFuture<A> request, Consumer<A> check) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        return connect(
                what,
                request,
                result,
                answer -> {
                    check.accept(answer);
                    result.complete(null);
                });
    }

    /** Completes the result with the response. Cancelling the result cancels the request. */
    static <A, T> CompletableFuture<T> connect(
            String what,
            CompletableFuture<A> request,
            CompletableFuture<T> result,
            Consumer<A> onAnswer) {
        request.whenComplete((answer, failure) -> {
            try {
                if (failure != null) {
                    result.completeExceptionally(S3Failures.translated(what, failure));
                } else {
                    onAnswer.accept(answer);
                }
            } catch (RuntimeException e) {
                result.completeExceptionally(S3Failures.translated(what, e));
            }
        });
        result.whenComplete((any, failure) -> {
            if (result.isCancelled()) {
                request.cancel(true);
            }
        });
        return result;
    }
}
