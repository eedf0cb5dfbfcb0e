package io.millrace.compaction.bucket;

import io.millrace.compaction.BucketProbe;
import io.millrace.compaction.ProbedReads;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.archive.ArchiveVerifier;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of the bucket's contents with the metadata, in both directions. Uses about 200 bytes
 * of memory per referenced object. Used once. Owned by the metadata's event loop.
 */
public final class BucketCheck {

    /**
     * A receiver of findings. Called on the event loop; the next call follows after completion. A
     * failure aborts the check.
     */
    @FunctionalInterface
    public interface FindingListener {

        CompletableFuture<Void> onFindings(List<Finding> some);
    }

    /** The failure to list unfinished uploads after a complete check of objects. */
    public static final class UploadsUnlisted extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private UploadsUnlisted(ObjectStoreException why) {
            super(
                    "All objects were checked, but unfinished uploads could not be"
                            + " listed. If the bucket denies s3:ListBucketMultipartUploads,"
                            + " permit it and repeat the check. "
                            + why.getMessage(),
                    why);
        }
    }

    private static final int PAGE = 1_000;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final String cluster;
    private final BucketWalk walk;
    private final Optional<ObjectVerifier> verifier;
    private final ProbedReads reads;
    private final ArchiveCheck archives;
    private final FindingListener listener;

    private final Map<ObjectId, StoredObject> expected = new HashMap<>();

    /**
     * @param workers executor that verifies checksums; empty to skip reads
     */
    public BucketCheck(
            Metadata metadata,
            ObjectStore bucket,
            String cluster,
            Optional<Executor> workers,
            FindingListener listener) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.cluster = cluster;
        this.walk = new BucketWalk(metadata, bucket, cluster);
        this.verifier = workers.map(executor -> new ObjectVerifier(bucket, executor, cluster));
        this.reads = new ProbedReads(new BucketProbe(metadata, bucket, cluster));
        this.archives =
                new ArchiveCheck(
                        this::current,
                        reads,
                        workers.map(executor -> new ArchiveVerifier(bucket, executor)));
        this.listener = listener;
    }

    /**
     * Runs the check and completes on the event loop. Fails with {@link UploadsUnlisted} if only
     * the unfinished uploads are missing. Any thread.
     */
    public CompletableFuture<Void> run() {
        return current()
                .thenComposeAsync(
                        past -> {
                            expect(past);
                            return walk.wholeBucket(this::check);
                        },
                        metadata.loop())
                .thenCompose(done -> current())
                .thenComposeAsync(past -> listener.onFindings(missing(past)), metadata.loop())
                .thenComposeAsync(received -> unfinished(Optional.empty()), metadata.loop());
    }

    private CompletableFuture<Void> unfinished(Optional<UploadId> after) {
        return bucket.uploads()
                .listUnfinished("", after, PAGE)
                .exceptionallyCompose(BucketCheck::unlisted)
                .thenComposeAsync(
                        page ->
                                listener.onFindings(ofCluster(page))
                                        .thenComposeAsync(
                                                received ->
                                                        page.truncated()
                                                                ? unfinished(last(page))
                                                                : CompletableFuture.completedFuture(
                                                                        null),
                                                metadata.loop()),
                        metadata.loop());
    }

    private static CompletableFuture<UploadListing> unlisted(Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        return CompletableFuture.failedFuture(
                cause instanceof ObjectStoreException bucket ? new UploadsUnlisted(bucket) : cause);
    }

    private List<Finding> ofCluster(UploadListing page) {
        return page.uploads().stream()
                .map(upload -> upload.id().key())
                .filter(key -> ObjectId.parse(key, cluster).isPresent())
                .map(Finding::unfinished)
                .toList();
    }

    private static Optional<UploadId> last(UploadListing page) {
        return Optional.of(page.uploads().getLast().id());
    }

    /** Returns the log manifest after the state has caught up with the log. */
    private CompletableFuture<LogManifest> current() {
        return metadata.manifest()
                .thenCompose(past -> metadata.barrier().thenApply(reached -> past));
    }

    private void expect(LogManifest past) {
        for (StoredObject object : metadata.objects().referencedObjects()) {
            expected.put(object.object().id(), object);
        }
        archives.expect(past);
    }

    private CompletableFuture<Void> check(List<SurveyedObject> some) {
        List<Finding> plain = new ArrayList<>();
        List<Supplier<CompletableFuture<Finding>>> toRead = new ArrayList<>();
        for (SurveyedObject surveyedObject : some) {
            ListedObject object = surveyedObject.object();
            StoredObject known =
                    object.key()
                            .flatMap(key -> ObjectId.parse(key, cluster))
                            .map(expected::remove)
                            .orElse(null);
            if (surveyedObject.status() == ObjectStatus.METADATA
                    || surveyedObject.status() == ObjectStatus.OLD_METADATA) {
                toRead.add(() -> archives.check(surveyedObject));
                // Referenced after the start of the check, so recently written.
            } else if (known == null || surveyedObject.status() != ObjectStatus.REFERENCED) {
                plain.add(Finding.sound(surveyedObject));
            } else if (known.object().sizeBytes() != object.sizeBytes()) {
                plain.add(Finding.damaged(surveyedObject, sizeMismatch(object, known)));
            } else if (verifier.isPresent()) {
                ObjectToVerify reading = new ObjectToVerify(surveyedObject, known);
                toRead.add(() -> read(verifier.get(), reading));
            } else {
                plain.add(Finding.sound(surveyedObject));
            }
        }
        return listener.onFindings(plain)
                .thenComposeAsync(received -> read(toRead.iterator()), metadata.loop());
    }

    private static String sizeMismatch(ListedObject object, StoredObject known) {
        return ("The object has %d bytes, but %d according to the metadata. Restore it from a"
                        + " copy of the bucket.")
                .formatted(object.sizeBytes(), known.object().sizeBytes());
    }

    private record ObjectToVerify(SurveyedObject surveyed, StoredObject known) {}

    private CompletableFuture<Finding> read(ObjectVerifier reader, ObjectToVerify next) {
        ObjectRef object = next.known().object();
        return reads.read(object.id().key(cluster), () -> reader.read(object))
                .handle((sound, failure) ->
                        validate(next, failure == null ? null : FutureFailures.unwrap(failure)))
                .thenCompose(finding -> finding);
    }

    private CompletableFuture<Void> read(Iterator<Supplier<CompletableFuture<Finding>>> readings) {
        if (!readings.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        return readings.next()
                .get()
                .thenComposeAsync(finding -> listener.onFindings(List.of(finding)), metadata.loop())
                .thenComposeAsync(received -> read(readings), metadata.loop());
    }

    private CompletableFuture<Finding> validate(
            ObjectToVerify reading, @Nullable Throwable failure) {
        return switch (failure) {
            case null -> CompletableFuture.completedFuture(Finding.sound(reading.surveyed()));
            case ObjectStoreException.Corrupt corrupt ->
                    CompletableFuture.completedFuture(
                            Finding.damaged(
                                    reading.surveyed(), String.valueOf(corrupt.getMessage())));
            case ProbedReads.Unreadable own ->
                    CompletableFuture.completedFuture(
                            Finding.damaged(reading.surveyed(), String.valueOf(own.getMessage())));
            case ObjectStoreException.Missing gone ->
                    metadata.barrier().thenApply(current -> validateMissing(reading));
            default -> CompletableFuture.failedFuture(failure);
        };
    }

    private Finding validateMissing(ObjectToVerify reading) {
        ObjectId id = reading.known().object().id();
        return metadata.objects().referencedAmong(Set.of(id)).contains(id)
                ? missing(reading.known())
                : Finding.sound(
                        new SurveyedObject(reading.surveyed().object(), ObjectStatus.IN_GRACE));
    }

    /** Returns findings for objects that stayed referenced but were not listed. */
    private List<Finding> missing(LogManifest past) {
        List<Finding> missing = new ArrayList<>();
        Set<ObjectId> named = metadata.objects().referencedAmong(Set.copyOf(expected.keySet()));
        expected.forEach((id, object) -> {
            if (named.contains(id)) {
                missing.add(missing(object));
            }
        });
        missing.addAll(archives.missing(past));
        return missing;
    }

    private Finding missing(StoredObject object) {
        String topic =
                metadata.topics().all().stream()
                        .filter(candidate -> candidate.id() == object.topicId())
                        .map(Topic::name)
                        .findFirst()
                        .map(name -> "records of topic " + name)
                        .orElse("records");
        return new Finding(
                object.object().id().key(cluster).value(),
                object.object().sizeBytes(),
                ObjectStatus.REFERENCED,
                Finding.Condition.MISSING,
                ("Extents reference the object, but the bucket does not contain it: %s"
                                + " cannot be read. Restore it from a copy of the bucket.")
                        .formatted(topic));
    }
}
