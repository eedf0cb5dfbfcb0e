package io.millrace.compaction.bucket;

import io.millrace.compaction.ProbedReads;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.metadata.log.archive.ArchiveVerifier;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStoreException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link BucketCheck} says of the metadata log's archives and its checkpoint. Owned by the
 * metadata's loop.
 */
final class ArchiveCheck {

    private final Supplier<CompletableFuture<LogManifest>> current;
    private final ProbedReads reads;
    private final Optional<ArchiveVerifier> proof;

    /** What the manifest names, as long as it was not listed. */
    private final Map<String, ManifestEntry> expected = new HashMap<>();

    /**
     * @param current asks what the manifest is by now
     * @param proof empty if objects are not to be read
     */
    ArchiveCheck(
            Supplier<CompletableFuture<LogManifest>> current,
            ProbedReads reads,
            Optional<ArchiveVerifier> proof) {
        this.current = current;
        this.reads = reads;
        this.proof = proof;
    }

    /** Remembers what has to be in the bucket. */
    void expect(LogManifest past) {
        past.named().forEach(one -> expected.put(one.key().value(), one));
    }

    /**
     * Looks at an object that is in the bucket and holds no records.
     *
     * @return what was found once it was read, or at once if it need not be
     */
    CompletableFuture<Finding> check(SurveyedObject one) {
        ManifestEntry named = expected.remove(one.object().name());
        // One that is named only since the check began is as it was written just now.
        if (named == null || one.status() != ObjectStatus.METADATA) {
            return CompletableFuture.completedFuture(Finding.sound(one));
        }
        if (named.sizeBytes() != one.object().sizeBytes()) {
            String how =
                    "It has %d bytes, and the manifest says %d."
                            .formatted(one.object().sizeBytes(), named.sizeBytes());
            return current.get().thenApply(now -> damaged(one, named, how, now));
        }
        return proof.map(reader -> read(reader, one, named))
                .orElseGet(() -> CompletableFuture.completedFuture(Finding.sound(one)));
    }

    private CompletableFuture<Finding> read(
            ArchiveVerifier reader, SurveyedObject one, ManifestEntry named) {
        return reads.read(named.key(), () -> reader.read(named))
                .handle((sound, failure) ->
                        validate(one, named, failure == null ? null : FutureFailures.of(failure)))
                .thenCompose(finding -> finding);
    }

    private CompletableFuture<Finding> validate(
            SurveyedObject one, ManifestEntry named, @Nullable Throwable failure) {
        return switch (failure) {
            case null -> CompletableFuture.completedFuture(Finding.sound(one));
            case ObjectStoreException.Corrupt corrupt -> {
                String how = "Its bytes are not those that were written: " + corrupt.getMessage();
                yield current.get().thenApply(now -> damaged(one, named, how, now));
            }
            case ProbedReads.Unreadable own -> {
                String how = String.valueOf(own.getMessage());
                yield current.get().thenApply(now -> damaged(one, named, how, now));
            }
            case ObjectStoreException.Missing gone ->
                    current.get()
                            .thenApply(now ->
                                    // It may well go once the manifest names others in its place.
                                    now.names(named.key())
                                            ? missing(named, now)
                                            : Finding.sound(one));
            default -> CompletableFuture.failedFuture(failure);
        };
    }

    /** What was expected, is named still, and was not listed. */
    List<Finding> missing(LogManifest now) {
        return expected.values().stream()
                .filter(one -> now.names(one.key()))
                .map(one -> missing(one, now))
                .toList();
    }

    private static Finding missing(ManifestEntry named, LogManifest now) {
        return new Finding(
                named.key().value(),
                named.sizeBytes(),
                ObjectStatus.METADATA,
                Finding.Condition.MISSING,
                "The metadata log's manifest names it, and it is not in the bucket. "
                        + whatToDo(named, now));
    }

    private static Finding damaged(
            SurveyedObject one, ManifestEntry named, String how, LogManifest now) {
        return Finding.damaged(
                one, (how.endsWith(".") ? how : how + ".") + " " + whatToDo(named, now));
    }

    private static String whatToDo(ManifestEntry named, LogManifest now) {
        if (now.isNeeded(named.key())) {
            return "A node that starts may not be able to read the log. Restore it from a copy of the"
                    + " bucket. Until then, or until a newer checkpoint takes its place, stop no"
                    + " node that runs.";
        }
        if (now.isNeededToRestore(named.key())) {
            return "No node needs it to start, as a newer checkpoint takes its place. An older backup"
                    + " of etcd may not be restored without it: save etcd anew now, or restore it"
                    + " from a copy of the bucket.";
        }
        return "No node needs it to start, as a newer checkpoint takes its place. Restore it from a"
                + " copy of the bucket if you want the whole history of the metadata.";
    }
}
