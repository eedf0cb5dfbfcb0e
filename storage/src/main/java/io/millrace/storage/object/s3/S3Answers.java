package io.millrace.storage.object.s3;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Ties results of the port to requests of the SDK. */
final class S3Answers {

    private S3Answers() {}

    /** A result without value, which there is if the answer passes the check. */
    static <A> CompletableFuture<Void> call(
            String what, CompletableFuture<A> request, Consumer<A> check) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        return settle(
                what,
                request,
                result,
                answer -> {
                    check.accept(answer);
                    result.complete(null);
                });
    }

    /** Ties a result to a request, in both directions: cancelling the one gives the other up. */
    static <A, T> CompletableFuture<T> settle(
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
