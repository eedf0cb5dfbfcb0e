package io.millrace.fetch.cache;

import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest objects that this process wrote, whole, so that readers at the end of a partition
 * cause no GET. The oldest goes when the budget is used up; reading keeps nothing longer, and
 * nothing that is read from the bucket ever comes here. Owned by the fetch node's loop.
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

    /** Keeps the object; one that is larger than the whole budget is not kept. */
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

    /** Forgets the object, if it is still here. */
    public void remove(ObjectId id) {
        SealedObject object = byId.remove(id);
        if (object != null) {
            bytes -= object.memoryBytes();
            metrics.hotBytes(bytes);
        }
    }

    /** The object, if it is still here. */
    @Nullable
    public SealedObject find(ObjectId id) {
        return byId.get(id);
    }
}
