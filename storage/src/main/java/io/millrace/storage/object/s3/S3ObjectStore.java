package io.millrace.storage.object.s3;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import io.millrace.storage.object.SequentialRead;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * A bucket in S3. The server verifies a CRC32C of each request body. Reads verify only the length,
 * because stream objects have checksums. Futures complete on the SDK's event loops; cancelling a
 * future cancels the request.
 */
public final class S3ObjectStore implements ObjectStore {

    private static final int KEYS_PER_DELETE = 1000;

    private final S3AsyncClient client;
    private final String bucket;
    private final BodyChecksums checksums;
    private final ObjectEncryption encryption;
    private final S3Uploads uploads;

    /** Opens a store with credentials of the AWS default chain. */
    public static S3ObjectStore open(
            S3Settings settings, RandomGenerator random, Executor workers) {
        return open(settings, random, workers, DefaultCredentialsProvider.builder().build());
    }

    /**
     * Opens a store.
     *
     * @param random a source that no other store of the bucket repeats
     * @param workers the executor that computes the checksums of large bodies
     */
    public static S3ObjectStore open(
            S3Settings settings,
            RandomGenerator random,
            Executor workers,
            AwsCredentialsProvider credentials) {
        return new S3ObjectStore(
                S3Clients.client(settings, credentials),
                settings.bucket(),
                settings.encryption(),
                Long.toHexString(random.nextLong()),
                new BodyChecksums(workers));
    }

    private S3ObjectStore(
            S3AsyncClient client,
            String bucket,
            ObjectEncryption encryption,
            String name,
            BodyChecksums checksums) {
        this.client = client;
        this.bucket = bucket;
        this.encryption = encryption;
        this.checksums = checksums;
        this.uploads = new S3Uploads(client, bucket, encryption, name, checksums);
    }

    /** Checks that the bucket exists and can be listed. The failure states the reason. */
    public CompletableFuture<Void> check() {
        return S3Futures.call("check of bucket " + bucket, listRequest("", "", 1), any -> {});
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        String what = "put " + key;
        GatherBody gathered = new GatherBody(body);
        CompletableFuture<Void> result = new CompletableFuture<>();
        return checksums.send(
                what,
                gathered,
                result,
                crc -> {
                    var unused =
                            S3Futures.connect(
                                    what,
                                    client.putObject(
                                            putRequest(key, body.sizeBytes(), crc), gathered),
                                    result,
                                    any -> result.complete(null));
                });
    }

    private PutObjectRequest putRequest(ObjectKey key, long sizeBytes, String crc) {
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(bucket)
                        .key(key.value())
                        .contentLength(sizeBytes)
                        .checksumCRC32C(crc);
        encryption.apply(request);
        return request.build();
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        return S3Futures.connect(
                "get " + key,
                client.getObject(
                        RequestedRange.request(bucket, key, range), new RangeReceiver(key, range)),
                result,
                result::complete);
    }

    @Override
    public SequentialRead openRange(ObjectKey key, ByteRange range) {
        return new S3Read(client, bucket, key, range);
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        Map<ObjectKey, ObjectStoreException> failures = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> pages = new ArrayList<>();
        for (int from = 0; from < doomed.size(); from += KEYS_PER_DELETE) {
            int to = Math.min(doomed.size(), from + KEYS_PER_DELETE);
            pages.add(deletePage(doomed.subList(from, to), failures));
        }
        CompletableFuture<DeleteResult> result = new CompletableFuture<>();
        return S3Futures.connect(
                "delete",
                CompletableFuture.allOf(pages.toArray(CompletableFuture[]::new)),
                result,
                any -> result.complete(inOrder(doomed, failures)));
    }

    private static DeleteResult inOrder(
            List<ObjectKey> keys, Map<ObjectKey, ObjectStoreException> failures) {
        Map<ObjectKey, ObjectStoreException> ordered = new LinkedHashMap<>();
        for (ObjectKey key : keys) {
            ObjectStoreException failure = failures.get(key);
            if (failure != null) {
                ordered.put(key, failure);
            }
        }
        return new DeleteResult(ordered);
    }

    private CompletableFuture<Void> deletePage(
            List<ObjectKey> keys, Map<ObjectKey, ObjectStoreException> failures) {
        List<ObjectIdentifier> identifiers =
                keys.stream()
                        .map(key -> ObjectIdentifier.builder().key(key.value()).build())
                        .toList();
        Delete page = Delete.builder().objects(identifiers).quiet(true).build();
        return S3Futures.call(
                "delete of " + keys.size() + " objects",
                client.deleteObjects(request -> request.bucket(bucket).delete(page)),
                response -> collectFailures(keys, response, failures));
    }

    /** Collects errors by key. An error without a requested key fails the request. */
    private static void collectFailures(
            List<ObjectKey> keys,
            DeleteObjectsResponse response,
            Map<ObjectKey, ObjectStoreException> failures) {
        if (!response.hasErrors()) {
            return;
        }
        Map<String, ObjectKey> byName = new HashMap<>();
        keys.forEach(key -> byName.put(key.value(), key));
        for (S3Error error : response.errors()) {
            if (error.code().equals("NoSuchKey")) {
                continue;
            }
            int status = error.code().equals("AccessDenied") ? 403 : 500;
            ObjectStoreException failure =
                    S3Failures.ofResponse("delete " + error.key(), status, error.code(), null);
            ObjectKey key = byName.get(error.key());
            if (key == null) {
                throw failure;
            }
            failures.put(key, failure);
        }
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        ObjectStore.checkLimit(limit);
        CompletableFuture<Listing> result = new CompletableFuture<>();
        return S3Futures.connect(
                "list " + prefix,
                listRequest(prefix, after, limit),
                result,
                response -> result.complete(page(response)));
    }

    private CompletableFuture<ListObjectsV2Response> listRequest(
            String prefix, String after, int limit) {
        return client.listObjectsV2(request -> {
            request.bucket(bucket).maxKeys(limit);
            if (!prefix.isEmpty()) {
                request.prefix(prefix);
            }
            if (!after.isEmpty()) {
                request.startAfter(after);
            }
        });
    }

    private static Listing page(ListObjectsV2Response response) {
        List<ListedObject> objects =
                response.contents().stream()
                        .map(object ->
                                new ListedObject(
                                        object.key(), object.size(), object.lastModified()))
                        .toList();
        return new Listing(objects, Boolean.TRUE.equals(response.isTruncated()));
    }

    @Override
    public void close() {
        client.close();
    }
}
