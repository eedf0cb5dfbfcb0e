package io.millrace.server.backup;

import static io.millrace.server.node.ClusterAccess.await;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Calls that are made at most four elements ahead of the use of their results. One thread. */
final class ReadAhead<A, B> {

    private static final int PARALLEL = 4;

    private final Iterator<A> all;
    private final Function<A, CompletableFuture<B>> call;
    private final ArrayDeque<CompletableFuture<B>> running = new ArrayDeque<>();

    ReadAhead(List<A> all, Function<A, CompletableFuture<B>> call) {
        this.all = all.iterator();
        this.call = call;
    }

    /** Waits for the result of the next element. */
    B next() {
        while (running.size() < PARALLEL && all.hasNext()) {
            running.add(call.apply(all.next()));
        }
        return await(running.remove());
    }

    /** Calls a function for each element and returns the results in order. */
    static <A, B> List<B> all(List<A> all, Function<A, CompletableFuture<B>> call) {
        ReadAhead<A, B> calls = new ReadAhead<>(all, call);
        List<B> results = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            results.add(calls.next());
        }
        return results;
    }
}
