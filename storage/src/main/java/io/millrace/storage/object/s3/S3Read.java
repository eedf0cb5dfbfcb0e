package io.millrace.storage.object.s3;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.SequentialRead;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * A sequential read of one GET with backpressure: bytes not yet requested stay on the server and in
 * the network. After the idle timeout, the next call fails. Guarded by this object's monitor;
 * futures complete on the event loop.
 */
final class S3Read
        implements SequentialRead,
                AsyncResponseTransformer<GetObjectResponse, Void>,
                Subscriber<ByteBuffer> {

    private final S3AsyncClient client;
    private final String bucket;
    private final ObjectKey key;
    private final RequestedRange requestedRange;

    private @Nullable CompletableFuture<Void> request;
    private @Nullable Subscription subscription;
    private CompletableFuture<Void> answered = new CompletableFuture<>();

    /** Bytes received and not yet requested. */
    private ByteBuffer received = ByteBuffer.allocate(0);

    private ByteBuffer target = ByteBuffer.allocate(0);
    private @Nullable CompletableFuture<byte[]> next;
    private int remainingBytes;
    private @Nullable ObjectStoreException failure;

    S3Read(S3AsyncClient client, String bucket, ObjectKey key, ByteRange range) {
        this.client = client;
        this.bucket = bucket;
        this.key = key;
        this.requestedRange = new RequestedRange(key, range);
        this.remainingBytes = range.length();
    }

    @Override
    public CompletableFuture<byte[]> next(int length) {
        CompletableFuture<byte[]> bytes = new CompletableFuture<>();
        Subscription open;
        synchronized (this) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            if (next != null || length < 1 || length > remainingBytes) {
                throw new IllegalStateException(
                        "cannot read %d bytes of %s: %d bytes are left"
                                .formatted(length, key, remainingBytes));
            }
            remainingBytes -= length;
            target = ByteBuffer.allocate(length);
            next = bytes;
            open = subscription;
        }
        if (open == null) {
            begin();
        } else {
            deliver(open);
        }
        return bytes;
    }

    private void begin() {
        CompletableFuture<Void> asking =
                client.getObject(RequestedRange.request(bucket, key, requestedRange.range()), this);
        synchronized (this) {
            request = asking;
        }
        asking.whenComplete((done, failed) -> {
            if (failed != null) {
                fail(S3Failures.translated("get " + key, failed));
            }
        });
    }

    private void deliver(Subscription from) {
        CompletableFuture<byte[]> filled = null;
        byte[] bytes = new byte[0];
        boolean more;
        synchronized (this) {
            int part = Math.min(received.remaining(), target.remaining());
            target.put(received.slice().limit(part));
            received.position(received.position() + part);
            if (next != null && !target.hasRemaining()) {
                filled = next;
                bytes = target.array();
                next = null;
            }
            // A request after the last byte lets the connection reach the end of the response.
            more = next != null || (remainingBytes == 0 && !received.hasRemaining());
        }
        if (more) {
            from.request(1);
        }
        if (filled != null) {
            filled.complete(bytes);
        }
    }

    private void fail(ObjectStoreException why) {
        CompletableFuture<byte[]> waiting;
        synchronized (this) {
            if (failure == null) {
                failure = why;
            }
            waiting = next;
            next = null;
        }
        if (waiting != null) {
            waiting.completeExceptionally(why);
        }
    }

    @Override
    public void close() {
        Subscription open;
        CompletableFuture<Void> asking;
        synchronized (this) {
            open = subscription;
            asking = request;
        }
        fail(
                new ObjectStoreException.Unavailable(
                        "get %s: closed by the caller".formatted(key), null));
        if (open != null) {
            open.cancel();
        } else if (asking != null) {
            asking.cancel(true);
        }
    }

    @Override
    public CompletableFuture<Void> prepare() {
        answered = new CompletableFuture<>();
        return answered;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
        try {
            requestedRange.checkResponse(response);
        } catch (ObjectStoreException others) {
            fail(others);
        }
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
        publisher.subscribe(this);
        answered.complete(null);
    }

    @Override
    public void exceptionOccurred(Throwable error) {
        answered.completeExceptionally(error);
        fail(S3Failures.translated("get " + key, error));
    }

    @Override
    public void onSubscribe(Subscription given) {
        boolean gone;
        synchronized (this) {
            subscription = given;
            gone = failure != null;
        }
        if (gone) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(ByteBuffer bytes) {
        Subscription from;
        boolean tooMuch;
        synchronized (this) {
            from = subscription;
            tooMuch = bytes.remaining() > target.remaining() + remainingBytes;
            received = bytes;
        }
        if (from == null) {
            throw new IllegalStateException("bytes before the subscription");
        }
        if (tooMuch) {
            fail(requestedRange.tooLong());
            from.cancel();
        } else {
            deliver(from);
        }
    }

    @Override
    public void onError(Throwable error) {
        fail(S3Failures.translated("get " + key, error));
    }

    @Override
    public void onComplete() {
        int missing;
        synchronized (this) {
            missing = target.remaining() + remainingBytes - received.remaining();
        }
        if (missing > 0) {
            fail(requestedRange.tooShort(missing));
        }
    }
}
