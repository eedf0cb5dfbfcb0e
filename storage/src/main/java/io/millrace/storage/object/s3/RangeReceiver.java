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
 * Receives a GET into an array of the size of the response. Owned by the connection's event loop.
 */
final class RangeReceiver
        implements AsyncResponseTransformer<GetObjectResponse, byte[]>, Subscriber<ByteBuffer> {

    private final RequestedRange asked;
    private CompletableFuture<byte[]> future = new CompletableFuture<>();
    private ByteBuffer received = ByteBuffer.allocate(0);

    RangeReceiver(ObjectKey key, ByteRange range) {
        this.asked = new RequestedRange(key, range);
    }

    @Override
    public CompletableFuture<byte[]> prepare() {
        future = new CompletableFuture<>();
        return future;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
        received = ByteBuffer.allocate(0);
        try {
            received = ByteBuffer.allocate(asked.checkResponse(response));
        } catch (ObjectStoreException others) {
            future.completeExceptionally(others);
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
            future.completeExceptionally(asked.tooLong());
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
        int missing = asked.range().length() - received.position();
        if (missing == 0) {
            future.complete(received.array());
        } else {
            future.completeExceptionally(asked.tooShort(missing));
        }
    }
}
