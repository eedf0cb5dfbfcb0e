package io.millrace.storage.object.s3;

import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import io.millrace.storage.object.UploadListing.ListedUpload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;

/**
 * Multipart uploads of S3. S3 drops an upload on completion, so after a lost response a completed
 * upload looks missing. To recognise the upload, the object carries its mark as metadata.
 */
final class S3Uploads implements ObjectUploads {

    /** Metadata key of the mark. */
    private static final String MARK = "millrace-upload";

    /** Length of the CRC at the start of a part's tag; the ETag of S3 follows. */
    private static final int CRC_CHARACTERS = 8;

    private final S3AsyncClient client;
    private final String bucket;
    private final ObjectEncryption encryption;
    private final String name;
    private final BodyChecksums checksums;
    private final AtomicLong nextMark = new AtomicLong();

    /**
     * Creates uploads.
     *
     * @param name the name of the store, unique in the bucket
     */
    S3Uploads(
            S3AsyncClient client,
            String bucket,
            ObjectEncryption encryption,
            String name,
            BodyChecksums checksums) {
        this.client = client;
        this.bucket = bucket;
        this.encryption = encryption;
        this.name = name;
        this.checksums = checksums;
    }

    @Override
    public int minPartBytes() {
        return MultipartUpload.MIN_PART_BYTES;
    }

    @Override
    public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
        checkPartBytes(partBytes);
        String mark = name + "-" + nextMark.getAndIncrement();
        CompletableFuture<MultipartUpload> result = new CompletableFuture<>();
        return S3Futures.connect(
                "start of upload of " + key,
                client.createMultipartUpload(createRequest(key, mark)),
                result,
                answer -> {
                    UploadId id = new UploadId(key, answer.uploadId());
                    result.complete(new MultipartUpload(id, partBytes, mark));
                });
    }

    private CreateMultipartUploadRequest createRequest(ObjectKey key, String mark) {
        CreateMultipartUploadRequest.Builder request =
                CreateMultipartUploadRequest.builder()
                        .bucket(bucket)
                        .key(key.value())
                        .checksumAlgorithm(ChecksumAlgorithm.CRC32_C)
                        .metadata(Map.of(MARK, mark));
        encryption.apply(request);
        return request.build();
    }

    @Override
    public CompletableFuture<StoredPart> uploadPart(
            MultipartUpload upload, int number, ObjectBody body) {
        long position = upload.position(number, body.sizeBytes());
        String what = "put of %s from byte %d".formatted(upload.key(), position);
        GatherBody gathered = new GatherBody(body);
        CompletableFuture<StoredPart> result = new CompletableFuture<>();
        return checksums.send(
                what,
                gathered,
                result,
                crc -> {
                    var unused =
                            S3Futures.connect(
                                    what,
                                    client.uploadPart(
                                            request ->
                                                    request.bucket(bucket)
                                                            .key(upload.key().value())
                                                            .uploadId(upload.id().token())
                                                            .partNumber(number)
                                                            .contentLength(body.sizeBytes())
                                                            .checksumCRC32C(crc),
                                            gathered),
                                    result,
                                    answer ->
                                            result.complete(
                                                    new StoredPart(
                                                            number,
                                                            (int) body.sizeBytes(),
                                                            crc + answer.eTag())));
                });
    }

    @Override
    public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
        long sizeBytes = upload.sizeBytes(parts);
        List<CompletedPart> all = parts.stream().map(S3Uploads::completed).toList();
        return orIfMissing(
                "completion of %s of %d bytes".formatted(upload.key(), sizeBytes),
                client.completeMultipartUpload(request ->
                        request.bucket(bucket)
                                .key(upload.key().value())
                                .uploadId(upload.id().token())
                                .multipartUpload(list -> list.parts(all))),
                () -> findCompleted(upload));
    }

    private static CompletableFuture<Void> orIfMissing(
            String what,
            CompletableFuture<?> request,
            Supplier<CompletableFuture<Void>> otherwise) {
        CompletableFuture<Void> answer =
                request.thenAccept(any -> {})
                        .exceptionallyCompose(failure ->
                                S3Failures.isNoSuchUpload(failure)
                                        ? otherwise.get()
                                        : CompletableFuture.failedFuture(failure));
        CompletableFuture<Void> result = S3Futures.call(what, answer, any -> {});
        result.whenComplete((any, failure) -> {
            if (result.isCancelled()) {
                request.cancel(true);
            }
        });
        return result;
    }

    private static CompletedPart completed(StoredPart part) {
        return CompletedPart.builder()
                .partNumber(part.number())
                .checksumCRC32C(part.etag().substring(0, CRC_CHARACTERS))
                .eTag(part.etag().substring(CRC_CHARACTERS))
                .build();
    }

    private CompletableFuture<Void> findCompleted(MultipartUpload upload) {
        return client.headObject(request -> request.bucket(bucket).key(upload.key().value()))
                .thenAccept(object -> {
                    if (!upload.mark().equals(object.metadata().get(MARK))) {
                        throw new ObjectStoreException.Missing(
                                "%s does not exist, and the object with this key has another origin"
                                        .formatted(upload.id()),
                                null);
                    }
                });
    }

    @Override
    public CompletableFuture<Void> abort(UploadId upload) {
        return orIfMissing(
                "abort of " + upload,
                client.abortMultipartUpload(request ->
                        request.bucket(bucket).key(upload.key().value()).uploadId(upload.token())),
                () -> CompletableFuture.completedFuture(null));
    }

    @Override
    public CompletableFuture<UploadListing> listUnfinished(
            String prefix, Optional<UploadId> after, int limit) {
        ObjectStore.checkLimit(limit);
        return list(
                prefix,
                after.map(last -> new UploadMarker(last.key().value(), last.token())),
                limit,
                new CompletableFuture<>());
    }

    /** The last listed upload, possibly of another program and with any name. */
    private record UploadMarker(String key, String token) {}

    private CompletableFuture<UploadListing> list(
            String prefix,
            Optional<UploadMarker> after,
            int limit,
            CompletableFuture<UploadListing> result) {
        return S3Futures.connect(
                "list of uploads " + prefix,
                client.listMultipartUploads(request -> {
                    request.bucket(bucket).maxUploads(limit);
                    if (!prefix.isEmpty()) {
                        request.prefix(prefix);
                    }
                    after.ifPresent(
                            last -> request.keyMarker(last.key()).uploadIdMarker(last.token()));
                }),
                result,
                answer -> {
                    UploadListing page = page(answer);
                    if (page.truncated() && page.uploads().isEmpty()) {
                        // An empty page gives the caller no upload to continue after.
                        var last = answer.uploads().getLast();
                        list(
                                prefix,
                                Optional.of(new UploadMarker(last.key(), last.uploadId())),
                                limit,
                                result);
                    } else {
                        result.complete(page);
                    }
                });
    }

    private static UploadListing page(ListMultipartUploadsResponse answer) {
        List<ListedUpload> uploads =
                answer.uploads().stream()
                        .flatMap(upload ->
                                ObjectKey.parse(upload.key()).stream()
                                        .map(key ->
                                                new ListedUpload(
                                                        new UploadId(key, upload.uploadId()),
                                                        upload.initiated())))
                        .toList();
        return new UploadListing(
                uploads, Boolean.TRUE.equals(answer.isTruncated()) && !answer.uploads().isEmpty());
    }
}
