package io.millrace.storage.object.s3;

import io.millrace.storage.object.ObjectBody;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.reactivestreams.Subscriber;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.SdkPublisher;

/** A repeatable request body that copies only small pieces. */
final class GatherBody implements AsyncRequestBody {

    private final ObjectBody body;

    GatherBody(ObjectBody body) {
        this.body = body;
    }

    long sizeBytes() {
        return body.sizeBytes();
    }

    @Override
    public Optional<Long> contentLength() {
        return Optional.of(body.sizeBytes());
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
        SdkPublisher.fromIterable(() -> new CoalescedPieces(body.pieces(), body.sizeBytes()))
                .subscribe(subscriber);
    }

    /** Returns the value of the header {@code x-amz-checksum-crc32c}. */
    String crc32c() {
        CRC32C crc = new CRC32C();
        body.pieces().forEach(crc::update);
        byte[] bytes = ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
        return Base64.getEncoder().encodeToString(bytes);
    }
}
