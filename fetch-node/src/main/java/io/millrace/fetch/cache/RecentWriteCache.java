package io.millrace.fetch.cache;

import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cache of the newest objects of this process, so that readers at the end of a partition cause no
 * GET. Evicts the oldest object, regardless of reads. Owned by the fetch node's event loop.
 */
public final class RecentWriteCache {

    private final long budgetBytes;
    private final FetchMetrics metrics;
    private final Map<ObjectId, SealedObject> byId = new LinkedHashMap<>();
    private long bytes;

    public RecentWriteCache(long budgetBytes, FetchMetrics metrics) {
        this.budgetBytes = budgetBytes;
        this.metrics = metrics;
    }

    /** Adds an object, unless larger than the budget. */
    public void add(SealedObject object) {
        if (object.memoryBytes() > budgetBytes
                || byId.putIfAbsent(object.ref().id(), object) != null) {
            return;
        }
        bytes += object.memoryBytes();
        var oldest = byId.values().iterator();
        while (bytes > budgetBytes) {
            bytes -= oldest.next().memoryBytes();
            oldest.remove();
        }
        metrics.hotBytes(bytes);
    }

    public void remove(ObjectId id) {
        SealedObject object = byId.remove(id);
        if (object != null) {
            bytes -= object.memoryBytes();
            metrics.hotBytes(bytes);
        }
    }

    @Nullable
    public SealedObject find(ObjectId id) {
        return byId.get(id);
    }
}
