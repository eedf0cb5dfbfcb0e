package io.millrace.compaction.sweep;

import io.millrace.compaction.ReadFailureScope;
import io.millrace.runtime.log.LogFields;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Deletes objects in pages. An object that cannot be deleted is remembered and retried in every
 * later sweep, by one request for all of them. The oldest of more than {@link #MAX_UNDELETED} are
 * left to the orphan sweep. If a whole page fails, the sweep fails. Owned by the event loop.
 */
final class Deletions {

    private static final Logger LOG = Logger.getLogger(Deletions.class);

    private static final int KEYS_PER_PAGE = 1000;

    /** Maximum number of objects of a page that the log names. */
    private static final int MAX_LOGGED = 10;

    /** Bounds the memory and each retry. */
    static final int MAX_UNDELETED = 1000;

    private final EventLoop loop;
    private final ObjectStore bucket;
    private final SweepMetrics metrics;
    private final LinkedHashSet<ObjectKey> undeleted = new LinkedHashSet<>();

    Deletions(EventLoop loop, ObjectStore bucket, SweepMetrics metrics) {
        this.loop = loop;
        this.bucket = bucket;
        this.metrics = metrics;
    }

    /** Retries the remembered objects. Only on the event loop; never fails. */
    CompletableFuture<Void> retry() {
        if (undeleted.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return bucket.delete(List.copyOf(undeleted))
                .handleAsync(
                        (result, failure) -> {
                            if (failure == null) {
                                undeleted.retainAll(result.failures().keySet());
                            }
                            return null;
                        },
                        loop);
    }

    /** Deletes the objects, except remembered objects. Called and completed on the event loop. */
    CompletableFuture<Void> delete(Iterator<ObjectKey> keys) {
        List<ObjectKey> page = new ArrayList<>();
        while (keys.hasNext() && page.size() < KEYS_PER_PAGE) {
            ObjectKey key = keys.next();
            if (!undeleted.contains(key)) {
                page.add(key);
            }
        }
        return page.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : bucket.delete(page)
                        .thenAcceptAsync(result -> remember(page.size(), result), loop)
                        .thenComposeAsync(done -> delete(keys), loop);
    }

    /**
     * @throws ObjectStoreException if the failures affect more than single objects
     */
    private void remember(int pageSize, DeleteResult result) {
        Map<ObjectKey, ObjectStoreException> failures = result.failures();
        if (failures.size() == pageSize) {
            result.throwIfIncomplete();
        }
        int logged = 0;
        for (Map.Entry<ObjectKey, ObjectStoreException> failed : failures.entrySet()) {
            if (!ReadFailureScope.canBeLimitedToObject(failed.getValue())) {
                throw failed.getValue();
            }
            remember(failed.getKey());
            if (logged++ < MAX_LOGGED) {
                LogFields.object(failed.getKey())
                        .log(() ->
                                LOG.errorf(
                                        "Object %s cannot be deleted, but other objects can: %s. The object stays in"
                                                + " the bucket and is retried in later sweeps. Permit its deletion.",
                                        failed.getKey(), failed.getValue().getMessage()));
            }
        }
        if (logged > MAX_LOGGED) {
            LOG.errorf("%d more objects cannot be deleted.", logged - MAX_LOGGED);
        }
    }

    private void remember(ObjectKey key) {
        if (undeleted.size() >= MAX_UNDELETED) {
            undeleted.removeFirst();
        }
        undeleted.add(key);
        metrics.undeleted();
    }
}
