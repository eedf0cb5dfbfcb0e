package io.millrace.fetch.bucket;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Loads parts of objects. Adjacent parts requested in one task share a GET, because a request costs
 * as much as the transfer of hundreds of MiB. Owned by the fetch node's event loop.
 */
public final class NeighbourLoads {

    /** Maximum size of a GET, which bounds the wait for the last part. */
    private static final int MAX_BYTES = 16 << 20;

    private record Part(int length, CompletableFuture<Chunk> loaded) {}

    private record RequestedParts(ObjectRef object, TreeMap<Long, Part> parts) {}

    private final EventLoop loop;
    private final CheckedLoads bucket;
    private final Map<ObjectId, RequestedParts> requested = new LinkedHashMap<>();

    public NeighbourLoads(EventLoop loop, CheckedLoads bucket) {
        this.loop = loop;
        this.bucket = bucket;
    }

    /** Loads a part that is not loading yet, as {@link CheckedLoads#load} does. */
    public CompletableFuture<Chunk> load(ObjectRef object, long start, int length) {
        if (requested.isEmpty()) {
            loop.execute(this::begin);
        }
        Part part = new Part(length, new CompletableFuture<>());
        requested
                .computeIfAbsent(object.id(), id -> new RequestedParts(object, new TreeMap<>()))
                .parts()
                .put(start, part);
        return part.loaded();
    }

    private void begin() {
        List<RequestedParts> all = List.copyOf(requested.values());
        requested.clear();
        for (RequestedParts parts : all) {
            begin(parts);
        }
    }

    private void begin(RequestedParts of) {
        List<Part> run = new ArrayList<>();
        long start = 0;
        long end = -1;
        for (Map.Entry<Long, Part> next : of.parts().entrySet()) {
            long position = next.getKey();
            int length = next.getValue().length();
            if (position != end || end + length - start > MAX_BYTES) {
                load(of.object(), start, run);
                run.clear();
                start = position;
            }
            run.add(next.getValue());
            end = position + length;
        }
        load(of.object(), start, run);
    }

    private void load(ObjectRef object, long start, List<Part> run) {
        if (run.isEmpty()) {
            return;
        }
        if (run.size() == 1) {
            Part only = run.getFirst();
            forward(bucket.load(object, start, only.length()), only.loaded());
            return;
        }
        List<Integer> lengths = run.stream().map(Part::length).toList();
        List<CompletableFuture<Chunk>> loads = bucket.loadRun(object, start, lengths);
        for (int i = 0; i < loads.size(); i++) {
            forward(loads.get(i), run.get(i).loaded());
        }
    }

    private static void forward(CompletableFuture<Chunk> load, CompletableFuture<Chunk> to) {
        var unused =
                load.whenComplete((chunk, failure) -> {
                    if (failure == null) {
                        to.complete(chunk);
                    } else {
                        to.completeExceptionally(failure);
                    }
                });
    }
}
