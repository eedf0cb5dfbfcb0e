package io.millrace.storage.object;

import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.UploadListing.ListedUpload;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/** A bucket in memory. Calls take effect, and futures complete, on the executor. */
public final class MemoryObjectStore implements ObjectStore {

    /**
     * @param upload the upload that wrote the object; empty for a put
     */
    private record Stored(byte[] bytes, Instant at, Optional<UploadId> upload) {}

    /** Guarded by the atomic updates of its map entry. */
    private record Unfinished(Instant begun, NavigableMap<Integer, byte[]> parts) {}

    private final NavigableMap<ObjectKey, Stored> objects = new ConcurrentSkipListMap<>();
    private final ObjectUploads uploads = new Uploads();
    private final Executor executor;
    private final InstantSource clock;
    private final int minPartBytes;

    /** Creates a bucket whose calls complete at once and whose objects are dated at the epoch. */
    public MemoryObjectStore() {
        this(Runnable::run, () -> Instant.EPOCH);
    }

    public MemoryObjectStore(Executor executor, InstantSource clock) {
        this(executor, clock, MultipartUpload.MIN_PART_BYTES);
    }

    /** Creates a bucket with the given minimum part size. */
    public MemoryObjectStore(Executor executor, InstantSource clock, int minPartBytes) {
        this.executor = executor;
        this.clock = clock;
        this.minPartBytes = minPartBytes;
    }

    /** Returns the keys of all objects, in order. */
    public List<ObjectKey> keys() {
        return List.copyOf(objects.keySet());
    }

    /** Flips one bit of an object. */
    public void flipBit(ObjectKey key, int position) {
        Stored stored = existing(key);
        byte[] bytes = stored.bytes().clone();
        bytes[position] ^= 1;
        objects.put(key, new Stored(bytes, stored.at(), stored.upload()));
    }

    private <T> CompletableFuture<T> call(Supplier<T> effect) {
        CompletableFuture<T> future = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                future.complete(effect.get());
            } catch (ObjectStoreException e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    private CompletableFuture<Void> run(Runnable effect) {
        return call(() -> {
            effect.run();
            return null;
        });
    }

    private static byte[] copy(ObjectBody body) {
        ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(body.sizeBytes()));
        body.pieces().forEach(whole::put);
        return whole.array();
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return run(
                () -> objects.put(key, new Stored(copy(body), clock.instant(), Optional.empty())));
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return call(() -> part(key, range));
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
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        return call(() -> {
            doomed.forEach(objects::remove);
            return DeleteResult.complete();
        });
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        ObjectStore.checkLimit(limit);
        return call(() -> page(prefix, after, limit));
    }

    private Listing page(String prefix, String after, int limit) {
        List<ListedObject> found = new ArrayList<>();
        objects.forEach((key, stored) -> {
            if (key.value().compareTo(after) > 0 && key.value().startsWith(prefix)) {
                found.add(new ListedObject(key.value(), stored.bytes().length, stored.at()));
            }
        });
        boolean truncated = found.size() > limit;
        return new Listing(truncated ? found.subList(0, limit) : found, truncated);
    }

    @Override
    public void close() {}

    /** Uploads that are neither completed nor aborted. */
    private final class Uploads implements ObjectUploads {

        private final ConcurrentSkipListMap<UploadId, Unfinished> all =
                new ConcurrentSkipListMap<>(
                        Comparator.comparing(UploadId::key).thenComparing(UploadId::token));
        private final AtomicInteger next = new AtomicInteger();

        @Override
        public int minPartBytes() {
            return minPartBytes;
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            checkPartBytes(partBytes);
            return call(() -> {
                UploadId id = new UploadId(key, "%06d".formatted(next.getAndIncrement()));
                all.put(id, new Unfinished(clock.instant(), new TreeMap<>()));
                return new MultipartUpload(id, partBytes, id.token());
            });
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            upload.position(number, body.sizeBytes());
            return call(() -> {
                byte[] bytes = copy(body);
                if (all.computeIfPresent(
                                upload.id(),
                                (id, unfinished) -> {
                                    unfinished.parts().put(number, bytes);
                                    return unfinished;
                                })
                        == null) {
                    throw new ObjectStoreException.Missing("there is no " + upload.id(), null);
                }
                return new StoredPart(number, bytes.length, etag(bytes));
            });
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            long sizeBytes = upload.sizeBytes(parts);
            return run(() -> {
                Unfinished unfinished = all.get(upload.id());
                if (unfinished == null) {
                    checkCompleted(upload.id());
                    return;
                }
                ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(sizeBytes));
                for (StoredPart part : parts) {
                    byte[] bytes = unfinished.parts().get(part.number());
                    if (bytes == null || !etag(bytes).equals(part.etag())) {
                        throw new ObjectStoreException.Missing(
                                upload.id() + " has no such part: " + part, null);
                    }
                    whole.put(bytes);
                }
                objects.put(
                        upload.key(),
                        new Stored(whole.array(), clock.instant(), Optional.of(upload.id())));
                all.remove(upload.id());
            });
        }

        private static String etag(byte[] bytes) {
            CRC32C crc = new CRC32C();
            crc.update(bytes);
            return Long.toHexString(crc.getValue());
        }

        private void checkCompleted(UploadId upload) {
            Stored stored = objects.get(upload.key());
            if (stored == null || !stored.upload().equals(Optional.of(upload))) {
                throw new ObjectStoreException.Missing("there is no " + upload, null);
            }
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            return run(() -> all.remove(upload));
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            ObjectStore.checkLimit(limit);
            return call(() -> {
                List<ListedUpload> found =
                        after.map(last -> all.tailMap(last, false)).orElse(all).entrySet().stream()
                                .filter(entry -> entry.getKey().key().value().startsWith(prefix))
                                .map(entry ->
                                        new ListedUpload(entry.getKey(), entry.getValue().begun()))
                                .toList();
                boolean truncated = found.size() > limit;
                return new UploadListing(truncated ? found.subList(0, limit) : found, truncated);
            });
        }
    }
}
