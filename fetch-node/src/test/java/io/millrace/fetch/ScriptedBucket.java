package io.millrace.fetch;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.SealedObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A bucket in memory whose reads take virtual time, are listed, and fail as a test says. */
final class ScriptedBucket implements ObjectStore {

    /** One read. */
    record Get(ObjectKey key, ByteRange range) {}

    static final Duration LATENCY = Duration.ofMillis(10);

    private final io.millrace.storage.loop.SimulatedLoop loop;
    private final Map<ObjectKey, byte[]> objects = new HashMap<>();
    final List<Get> gets = new ArrayList<>();
    boolean away;
    int damagedReads;
    int inFlight;
    int mostInFlight;

    ScriptedBucket(io.millrace.storage.loop.SimulatedLoop loop) {
        this.loop = loop;
    }

    void keep(SealedObject object) {
        ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(object.body().sizeBytes()));
        object.body().pieces().forEach(whole::put);
        objects.put(object.ref().id().key(FetchWorld.CLUSTER), whole.array());
    }

    void flipByte(ObjectKey key, int at) {
        bytes(key)[at] ^= 0x10;
    }

    void lose(ObjectKey key) {
        objects.remove(key);
    }

    private byte[] bytes(ObjectKey key) {
        byte[] bytes = objects.get(key);
        if (bytes == null) {
            throw new ObjectStoreException.Missing("no object " + key, null);
        }
        return bytes;
    }

    @Override
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        gets.add(new Get(key, range));
        mostInFlight = Math.max(mostInFlight, ++inFlight);
        CompletableFuture<byte[]> future = new CompletableFuture<>();
        loop.schedule(
                LATENCY,
                () -> {
                    inFlight--;
                    answer(key, range, future);
                });
        return future;
    }

    private void answer(ObjectKey key, ByteRange range, CompletableFuture<byte[]> future) {
        try {
            if (away) {
                throw new ObjectStoreException.Unavailable("the bucket is away", null);
            }
            byte[] part = Arrays.copyOfRange(bytes(key), (int) range.start(), (int) range.end());
            if (damagedReads > 0) {
                damagedReads--;
                part[part.length / 2] ^= 1;
            }
            future.complete(part);
        } catch (ObjectStoreException e) {
            future.completeExceptionally(e);
        }
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> delete(Collection<ObjectKey> keys) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, Optional<ObjectKey> after, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
