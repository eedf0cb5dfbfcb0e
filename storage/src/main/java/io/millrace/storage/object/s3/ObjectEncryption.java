package io.millrace.storage.object.s3;

import java.util.Optional;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/** The encryption that S3 applies to objects when they are written. Reads need no setting. */
public sealed interface ObjectEncryption {

    /** The default encryption of the bucket. */
    record OfBucket() implements ObjectEncryption {}

    /** Keys of S3 (SSE-S3). */
    record S3Keys() implements ObjectEncryption {}

    /**
     * A key of the key management service (SSE-KMS), with a bucket key, so that S3 does not call
     * the service for each object.
     *
     * @param id the id or ARN of the key; empty for the key that AWS manages for S3
     */
    record KmsKey(Optional<String> id) implements ObjectEncryption {}

    /** Sets the headers of an upload in one request. */
    default void apply(PutObjectRequest.Builder request) {
        switch (this) {
            case OfBucket none -> {}
            case S3Keys keys -> request.serverSideEncryption(ServerSideEncryption.AES256);
            case KmsKey(var id) -> {
                request.serverSideEncryption(ServerSideEncryption.AWS_KMS).bucketKeyEnabled(true);
                id.ifPresent(request::ssekmsKeyId);
            }
        }
    }

    /** Sets the headers of the start of a multipart upload; its parts have none. */
    default void apply(CreateMultipartUploadRequest.Builder request) {
        switch (this) {
            case OfBucket none -> {}
            case S3Keys keys -> request.serverSideEncryption(ServerSideEncryption.AES256);
            case KmsKey(var id) -> {
                request.serverSideEncryption(ServerSideEncryption.AWS_KMS).bucketKeyEnabled(true);
                id.ifPresent(request::ssekmsKeyId);
            }
        }
    }
}
