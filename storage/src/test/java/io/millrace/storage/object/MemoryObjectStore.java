package io.millrace.storage.object;

import io.millrace.storage.object.Listing.ListedObject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;

/** A bucket in memory: a call has its effect, and its future completes, on the executor. */
public final class MemoryObjectStore implements ObjectStore {

    private record Stored(byte[] bytes, Instant at) {}

    private final NavigableMap<ObjectKey, Stored> objects = new ConcurrentSkipListMap<>();
    private final Executor executor;
    private final InstantSource clock;

    /** A bucket that answers at once, and whose objects are all from the epoch. */
    public MemoryObjectStore() {
        this(Runnable::run, () -> Instant.EPOCH);
    }

    public MemoryObjectStore(Executor executor, InstantSource clock) {
        this.executor = executor;
        this.clock = clock;
    }

    /** Everything that is there, in order. */
    public List<ObjectKey> keys() {
        return List.copyOf(objects.keySet());
    }

    /** Turns one bit of an object round. */
    public void flipBit(ObjectKey key, int position) {
        Stored stored = existing(key);
        byte[] bytes = stored.bytes().clone();
        bytes[position] ^= 1;
        objects.put(key, new Stored(bytes, stored.at()));
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        executor.execute(() -> {
            ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(body.sizeBytes()));
            body.pieces().forEach(whole::put);
            objects.put(key, new Stored(whole.array(), clock.instant()));
            future.complete(null);
        });
        return future;
    }

    @Override
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        CompletableFuture<byte[]> future = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                future.complete(part(key, range));
            } catch (ObjectStoreException e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    private byte[] part(ObjectKey key, ByteRange range) {
        byte[] bytes = existing(key).bytes();
        if (range.end() > bytes.length) {
            throw new ObjectStoreException.Missing(
                    key + " ends at " + bytes.length + ", before " + range, null);
        }
        return Arrays.copyOfRange(bytes, (int) range.start(), (int) range.end());
    }

    private Stored existing(ObjectKey key) {
        Stored stored = objects.get(key);
        if (stored == null) {
            throw new ObjectStoreException.Missing("there is no object " + key, null);
        }
        return stored;
    }

    @Override
    public CompletableFuture<Void> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        CompletableFuture<Void> future = new CompletableFuture<>();
        executor.execute(() -> {
            doomed.forEach(objects::remove);
            future.complete(null);
        });
        return future;
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, Optional<ObjectKey> after, int limit) {
        ObjectStore.checkLimit(limit);
        CompletableFuture<Listing> future = new CompletableFuture<>();
        executor.execute(() -> future.complete(page(prefix, after, limit)));
        return future;
    }

    private Listing page(String prefix, Optional<ObjectKey> after, int limit) {
        List<ListedObject> found = new ArrayList<>();
        objects.forEach((key, stored) -> {
            boolean behind = after.isEmpty() || key.compareTo(after.get()) > 0;
            if (behind && key.value().startsWith(prefix)) {
                found.add(new ListedObject(key, stored.bytes().length, stored.at()));
            }
        });
        boolean truncated = found.size() > limit;
        return new Listing(truncated ? found.subList(0, limit) : found, truncated);
    }

    @Override
    public void close() {}
}
