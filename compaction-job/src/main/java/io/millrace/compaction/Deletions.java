package io.millrace.compaction;

import io.millrace.runtime.Cause;
import io.millrace.runtime.loop.Loop;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Deletes objects by the page. One that cannot be deleted, though others of its page can, is kept
 * in mind to be tried again, and holds up no other. Owned by the loop.
 */
final class Deletions {

    private static final Logger LOG = Logger.getLogger(Deletions.class);

    private static final int KEYS_AT_A_TIME = 1000;

    /** What is left of a page that fails is asked for in so many pieces, and then one by one. */
    private static final int PIECES = 32;

    /** More than that is the bucket's fault. */
    private static final int MOST_STUCK = 1000;

    private final Loop loop;
    private final ObjectStore bucket;
    private final SweepMetrics metrics;
    private final Set<ObjectKey> stuck = new LinkedHashSet<>();

    Deletions(Loop loop, ObjectStore bucket, SweepMetrics metrics) {
        this.loop = loop;
        this.bucket = bucket;
        this.metrics = metrics;
    }

    /** Tries those again that could not be deleted. Only on the loop; never fails. */
    CompletableFuture<Void> tryAgain() {
        return each(List.copyOf(stuck).iterator());
    }

    private CompletableFuture<Void> each(Iterator<ObjectKey> keys) {
        if (!keys.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        ObjectKey key = keys.next();
        return bucket.delete(List.of(key))
                .handleAsync((done, failure) -> failure == null && stuck.remove(key), loop)
                .thenComposeAsync(gone -> each(keys), loop);
    }

    /**
     * Deletes all of these, or all but some that are tried again from now on. Only on the loop;
     * completes on it, or fails with what the bucket said.
     */
    CompletableFuture<Void> delete(Iterator<ObjectKey> keys) {
        List<ObjectKey> page = new ArrayList<>();
        while (keys.hasNext() && page.size() < KEYS_AT_A_TIME) {
            ObjectKey key = keys.next();
            if (!stuck.contains(key)) {
                page.add(key);
            }
        }
        return page.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : bucket.delete(page)
                        .exceptionallyComposeAsync(
                                failure -> inPieces(page, Cause.of(failure)), loop)
                        .thenComposeAsync(done -> delete(keys), loop);
    }

    private CompletableFuture<Void> inPieces(List<ObjectKey> page, Throwable failure) {
        if (!ReadVerdict.mayBeItsOwn(failure)) {
            return CompletableFuture.failedFuture(failure);
        }
        int size = (page.size() + PIECES - 1) / PIECES;
        List<List<ObjectKey>> pieces = new ArrayList<>();
        for (int from = 0; from < page.size(); from += size) {
            pieces.add(page.subList(from, Math.min(page.size(), from + size)));
        }
        return tried(pieces)
                .thenComposeAsync(
                        failed ->
                                failed.size() == pieces.size()
                                        ? CompletableFuture.failedFuture(failure)
                                        : oneByOne(failed.iterator()),
                        loop);
    }

    /** Those of some that fail: the first failure with each. */
    private CompletableFuture<List<Failed>> tried(List<List<ObjectKey>> some) {
        List<Failed> failed = new ArrayList<>();
        List<CompletableFuture<Void>> answers =
                some.stream()
                        .map(keys ->
                                bucket.delete(keys)
                                        .exceptionallyAsync(
                                                failure -> {
                                                    failed.add(new Failed(keys, Cause.of(failure)));
                                                    return null;
                                                },
                                                loop))
                        .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApplyAsync(all -> failed, loop);
    }

    private record Failed(List<ObjectKey> keys, Throwable why) {}

    private CompletableFuture<Void> oneByOne(Iterator<Failed> pieces) {
        if (!pieces.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        Failed piece = pieces.next();
        CompletableFuture<List<Failed>> alone =
                piece.keys().size() == 1
                        ? CompletableFuture.completedFuture(List.of(piece))
                        : tried(piece.keys().stream().map(List::of).toList());
        return alone.thenComposeAsync(this::keep, loop)
                .thenComposeAsync(kept -> oneByOne(pieces), loop);
    }

    private CompletableFuture<Void> keep(List<Failed> failed) {
        for (Failed one : failed) {
            if (!ReadVerdict.mayBeItsOwn(one.why()) || stuck.size() >= MOST_STUCK) {
                return CompletableFuture.failedFuture(one.why());
            }
            stuck.addAll(one.keys());
            metrics.undeleted();
            LOG.errorf(
                    "Object %s cannot be deleted, though others can: %s. It stays in the bucket, and is"
                            + " tried again in every round; let it be deleted.",
                    one.keys().getFirst(), one.why().getMessage());
        }
        return CompletableFuture.completedFuture(null);
    }
}
