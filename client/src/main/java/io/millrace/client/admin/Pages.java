package io.millrace.client.admin;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Requests the pages of a listing one after the other. */
final class Pages {

    private Pages() {}

    /**
     * @param request returns the page of a token
     * @param onPage the consumer of each page
     * @param nextToken the token after a page; empty after the last
     */
    static <P> CompletableFuture<Void> forEach(
            Function<String, CompletableFuture<P>> request,
            Consumer<P> onPage,
            Function<P, String> nextToken) {
        return from("", request, onPage, nextToken);
    }

    private static <P> CompletableFuture<Void> from(
            String token,
            Function<String, CompletableFuture<P>> request,
            Consumer<P> onPage,
            Function<P, String> nextToken) {
        return request.apply(token)
                .thenCompose(page -> {
                    onPage.accept(page);
                    String next = nextToken.apply(page);
                    return next.isEmpty()
                            ? CompletableFuture.completedFuture(null)
                            : from(next, request, onPage, nextToken);
                });
    }
}
