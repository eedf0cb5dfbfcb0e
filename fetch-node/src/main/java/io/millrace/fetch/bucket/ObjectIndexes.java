package io.millrace.fetch.bucket;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectIndex;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A cache of object indexes. Concurrent requests for an index share one GET. Bounded by bytes.
 * Owned by the fetch node's event loop.
 */
public final class ObjectIndexes {

    private final RangeReads gets;
    private final Cache<ObjectId, StreamObjectIndex> cache;
    private final Map<ObjectId, CompletableFuture<StreamObjectIndex>> loading = new HashMap<>();

    public ObjectIndexes(RangeReads gets, long budgetBytes) {
        this.gets = gets;
        this.cache =
                Caffeine.newBuilder()
                        .maximumWeight(budgetBytes)
                        .weigher(
                                (ObjectId id, StreamObjectIndex index) -> (int) index.memoryBytes())
                        .executor(Runnable::run)
                        .build();
    }

    Optional<StreamObjectIndex> cached(ObjectRef object) {
        return Optional.ofNullable(cache.getIfPresent(object.id()));
    }

    boolean isLoading(ObjectRef object) {
        return loading.containsKey(object.id());
    }

    CompletableFuture<StreamObjectIndex> find(ObjectRef object) {
        StreamObjectIndex cached = cache.getIfPresent(object.id());
        if (cached != null) {
            return CompletableFuture.completedFuture(cached);
        }
        CompletableFuture<StreamObjectIndex> running = loading.get(object.id());
        return running != null ? running : load(object);
    }

    private CompletableFuture<StreamObjectIndex> load(ObjectRef object) {
        CompletableFuture<StreamObjectIndex> load =
                gets.readToEnd(
                        object,
                        object.indexPosition(),
                        tail -> StreamObjectIndex.parse(object, tail));
        addLoading(object, load);
        return load;
    }

    /** Registers a GET that also loads the index. */
    void addLoading(ObjectRef object, CompletableFuture<StreamObjectIndex> load) {
        loading.put(object.id(), load);
        load.whenComplete((index, failure) -> {
            loading.remove(object.id());
            if (failure == null) {
                cache.put(object.id(), index);
            }
        });
    }
}
