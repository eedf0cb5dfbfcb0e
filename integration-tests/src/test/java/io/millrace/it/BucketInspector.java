package io.millrace.it;

import static java.util.stream.Collectors.toCollection;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing.ListedUpload;
import io.millrace.storage.object.s3.S3ObjectStore;
import io.millrace.storage.object.s3.S3Settings;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A test's own access to the bucket and to the log manifest in etcd. Used by one thread. */
final class BucketInspector implements AutoCloseable {

    private static final String CLUSTER = "millrace";

    private final ThreadedEventLoop own = new ThreadedEventLoop();
    private final Etcd etcd;
    private final S3ObjectStore bucket;

    BucketInspector(EtcdServer server, SharedServers.Bucket s3) {
        SplittableRandom random = new SplittableRandom(1);
        etcd =
                JetcdEtcd.open(
                        EtcdSettings.of(server.endpoints(), Optional.empty(), Optional.empty()),
                        own.loop,
                        random);
        bucket =
                S3ObjectStore.open(
                        S3Settings.of(s3.name(), Optional.of(s3.endpoint())),
                        random,
                        Runnable::run,
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create("local", "local")));
    }

    /** Returns the names of the objects whose name contains a text, in order. */
    TreeSet<String> objects(String part) {
        return listed().stream()
                .map(ListedObject::name)
                .filter(name -> name.contains(part))
                .collect(toCollection(TreeSet::new));
    }

    private List<ListedObject> listed() {
        List<ListedObject> all = new ArrayList<>();
        boolean more = true;
        while (more) {
            String after = all.isEmpty() ? "" : all.getLast().name();
            var page = bucket.list("", after, 1000).join();
            all.addAll(page.objects());
            more = page.truncated();
        }
        return all;
    }

    /** Returns the multipart uploads that are neither completed nor aborted. */
    List<UploadId> uploads() {
        return bucket.uploads().listUnfinished("", Optional.empty(), 1000).join().uploads().stream()
                .map(ListedUpload::id)
                .toList();
    }

    /** Starts a multipart upload of a segment of the cluster that is never completed. */
    ObjectKey beginSegment() {
        ObjectKey key = new ObjectId(ObjectId.Kind.SEGMENT, 1, 1).key(CLUSTER);
        bucket.uploads().create(key, MultipartUpload.MIN_PART_BYTES).join();
        return key;
    }

    /** Changes one byte of the first batch of an object. */
    void flip(String name) {
        long size =
                listed().stream()
                        .filter(object -> object.name().equals(name))
                        .mapToLong(ListedObject::sizeBytes)
                        .sum();
        ObjectKey key = new ObjectKey(name);
        byte[] bytes = bucket.getRange(key, new ByteRange(0, (int) size)).join();
        bytes[60] ^= 1;
        bucket.put(key, ObjectBody.of(bytes)).join();
    }

    void delete(String name) {
        bucket.delete(List.of(new ObjectKey(name))).join();
    }

    /**
     * Returns the objects that a restore from the checkpoint in the bucket would lack: referenced
     * objects, and archives after the checkpoint. Empty if there is no checkpoint yet.
     */
    List<String> missingForRestore() {
        while (true) {
            LogManifest before = manifest();
            TreeSet<String> there = objects("");
            Optional<List<String>> named = named(before);
            if (named.isPresent() && manifest().checkpoint().equals(before.checkpoint())) {
                return named.get().stream().filter(name -> !there.contains(name)).toList();
            }
        }
    }

    /** Empty if the checkpoint was deleted because there is a newer one. */
    private Optional<List<String>> named(LogManifest manifest) {
        try {
            return Optional.of(read(manifest));
        } catch (CompletionException gone) {
            if (gone.getCause() instanceof ObjectStoreException.Missing
                    && !manifest().checkpoint().equals(manifest.checkpoint())) {
                return Optional.empty();
            }
            throw gone;
        }
    }

    private List<String> read(LogManifest manifest) {
        List<String> names = new ArrayList<>();
        manifest.checkpoint()
                .ifPresent(stored -> {
                    byte[] bytes =
                            new LogArchiveStore(bucket, CLUSTER, new SplittableRandom(2))
                                    .checkpoint(stored)
                                    .join();
                    CheckpointCodec.decode(bytes, stored.getKey(), FeatureLevels.ALL)
                            .objects()
                            .referencedObjects()
                            .forEach(object -> names.add(name(object)));
                });
        manifest.uncovered().forEach(archive -> names.add(archive.getKey()));
        return names;
    }

    private static String name(StoredObject object) {
        return object.object().id().key(CLUSTER).value();
    }

    private LogManifest manifest() {
        return own.call(() ->
                etcd.txn(
                                List.of(),
                                List.of(new Etcd.Op.Get("/millrace/millrace/manifest")),
                                List.of())
                        .thenApply(found ->
                                found.gets()
                                        .getFirst()
                                        .map(key -> LogManifest.parse(key.value(), key.key()))
                                        .orElse(LogManifest.EMPTY)));
    }

    @Override
    public void close() {
        own.run(etcd::close);
        own.close();
        bucket.close();
    }
}
