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
 * The part of a {@link BucketCheck} that verifies archives and checkpoints. Owned by the metadata's
 * event loop.
 */
final class ArchiveCheck {

    private final Supplier<CompletableFuture<LogManifest>> current;
    private final ProbedReads reads;
    private final Optional<ArchiveVerifier> verifier;

    /** Objects that have not been listed. */
    private final Map<String, ManifestEntry> expected = new HashMap<>();

    /**
     * @param proof verifier of contents; empty to skip reads
     */
    ArchiveCheck(
            Supplier<CompletableFuture<LogManifest>> current,
            ProbedReads reads,
            Optional<ArchiveVerifier> proof) {
        this.current = current;
        this.reads = reads;
        this.verifier = proof;
    }

    void expect(LogManifest past) {
        past.referencedObjects().forEach(object -> expected.put(object.key().value(), object));
    }

    CompletableFuture<Finding> check(SurveyedObject object) {
        ManifestEntry named = expected.remove(object.object().name());
        // Referenced after the start of the check, so recently written.
        if (named == null || object.status() != ObjectStatus.METADATA) {
            return CompletableFuture.completedFuture(Finding.sound(object));
        }
        if (named.sizeBytes() != object.object().sizeBytes()) {
            String how =
                    "The object has %d bytes, but %d according to the log manifest."
                            .formatted(object.object().sizeBytes(), named.sizeBytes());
            return current.get().thenApply(now -> damaged(object, named, how, now));
        }
        return verifier.map(reader -> read(reader, object, named))
                .orElseGet(() -> CompletableFuture.completedFuture(Finding.sound(object)));
    }

    private CompletableFuture<Finding> read(
            ArchiveVerifier reader, SurveyedObject object, ManifestEntry named) {
        return reads.read(named.key(), () -> reader.read(named))
                .handle((sound, failure) ->
                        validate(
                                object,
                                named,
                                failure == null ? null : FutureFailures.unwrap(failure)))
                .thenCompose(finding -> finding);
    }

    private CompletableFuture<Finding> validate(
            SurveyedObject object, ManifestEntry named, @Nullable Throwable failure) {
        return switch (failure) {
            case null -> CompletableFuture.completedFuture(Finding.sound(object));
            case ObjectStoreException.Corrupt corrupt -> {
                String how = "The object differs from the written bytes: " + corrupt.getMessage();
                yield current.get().thenApply(now -> damaged(object, named, how, now));
            }
            case ProbedReads.Unreadable own -> {
                String how = String.valueOf(own.getMessage());
                yield current.get().thenApply(now -> damaged(object, named, how, now));
            }
            case ObjectStoreException.Missing gone ->
                    current.get()
                            .thenApply(now ->
                                    // A newer manifest may have replaced the object.
                                    now.references(named.key())
                                            ? missing(named, now)
                                            : Finding.sound(object));
            default -> CompletableFuture.failedFuture(failure);
        };
    }

    /** Returns findings for unlisted objects that are still in the manifest. */
    List<Finding> missing(LogManifest now) {
        return expected.values().stream()
                .filter(expectedEntry -> now.references(expectedEntry.key()))
                .map(expectedEntry -> missing(expectedEntry, now))
                .toList();
    }

    private static Finding missing(ManifestEntry named, LogManifest now) {
        return new Finding(
                named.key().value(),
                named.sizeBytes(),
                ObjectStatus.METADATA,
                Finding.Condition.MISSING,
                "The log manifest references the object, but the bucket does not contain it. "
                        + advice(named, now));
    }

    private static Finding damaged(
            SurveyedObject object, ManifestEntry named, String how, LogManifest now) {
        return Finding.damaged(
                object, (how.endsWith(".") ? how : how + ".") + " " + advice(named, now));
    }

    private static String advice(ManifestEntry named, LogManifest now) {
        if (now.isNeededToStart(named.key())) {
            return "A node that starts may be unable to read the log. Restore the object from"
                    + " a copy of the bucket. Until then, or until a newer checkpoint replaces"
                    + " it, do not stop any running node.";
        }
        if (now.isNeededToRestore(named.key())) {
            return "A newer checkpoint replaces the object, so nodes start without it. Older"
                    + " backups of etcd cannot be restored without it: back up etcd now, or"
                    + " restore the object from a copy of the bucket.";
        }
        return "A newer checkpoint replaces the object, so nodes start without it. To keep the"
                + " complete history of the metadata, restore the object from a copy of the"
                + " bucket.";
    }
}
