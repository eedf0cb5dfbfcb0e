package io.millrace.storage.object.s3;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Receives one range into one array of its size, and nothing else. Owned by the connection's event
 * loop.
 */
final class RangeReceiver
        implements AsyncResponseTransformer<GetObjectResponse, byte[]>, Subscriber<ByteBuffer> {

    private final ObjectKey key;
    private final ByteRange range;
    private CompletableFuture<byte[]> future = new CompletableFuture<>();
    private ByteBuffer received = ByteBuffer.allocate(0);
    private long objectBytes = Long.MAX_VALUE;

    RangeReceiver(ObjectKey key, ByteRange range) {
        this.key = key;
        this.range = range;
    }

    @Override
    public CompletableFuture<byte[]> prepare() {
        future = new CompletableFuture<>();
        return future;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
        received = ByteBuffer.allocate(range.length());
        String contentRange = response.contentRange();
        if (contentRange == null || !contentRange.startsWith("bytes " + range.start() + "-")) {
            future.completeExceptionally(
                    new ObjectStoreException.Corrupt(
                            "get %s: asked for bytes from %d, the answer says %s"
                                    .formatted(key, range.start(), contentRange),
                            null));
            return;
        }
        String total = contentRange.substring(contentRange.indexOf('/') + 1);
        if (!total.isEmpty() && total.chars().allMatch(Character::isDigit)) {
            objectBytes = Long.parseLong(total);
        }
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
        publisher.subscribe(this);
    }

    @Override
    public void exceptionOccurred(Throwable error) {
        future.completeExceptionally(error);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
        if (bytes.remaining() > received.remaining()) {
            future.completeExceptionally(
                    new ObjectStoreException.Corrupt(
                            "get %s: more than the %d bytes that were asked for"
                                    .formatted(key, range.length()),
                            null));
            return;
        }
        received.put(bytes);
    }

    @Override
    public void onError(Throwable error) {
        future.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
        if (!received.hasRemaining()) {
            future.complete(received.array());
        } else if (objectBytes < range.end()) {
            future.completeExceptionally(
                    new ObjectStoreException.Missing(
                            "get %s: the object has only %d bytes".formatted(key, objectBytes),
                            null));
        } else {
            future.completeExceptionally(
                    new ObjectStoreException.Unavailable(
                            "get %s: the answer ended %d bytes early"
                                    .formatted(key, received.remaining()),
                            null));
        }
    }
}
