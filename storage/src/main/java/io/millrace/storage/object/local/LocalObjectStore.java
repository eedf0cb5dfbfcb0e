package io.millrace.storage.object.local;

import io.millrace.runtime.disk.Disk;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * A bucket in a local folder. An object is written to a temporary file, synced and renamed; then
 * the folder is synced. After a crash the object is whole or absent. Stores of several processes
 * may share a folder. Futures complete on threads of the executor.
 */
public final class LocalObjectStore implements ObjectStore {

    private static final Logger LOG = Logger.getLogger(LocalObjectStore.class);

    private final Disk disk;
    private final Path root;
    private final KeyLayout layout;
    private final Staging staging;
    private final ObjectUploads uploads;
    private final LocalListing listing;
    private final Executor executor;

    private LocalObjectStore(Disk disk, Path root, String name, Executor executor) {
        this.disk = disk;
        this.root = root;
        Path objects = root.resolve("objects");
        this.layout = new KeyLayout(objects);
        this.staging = new Staging(disk, root.resolve("staging"), name, layout);
        this.uploads = new UploadsOnDisk();
        this.listing = new LocalListing(disk, objects);
        this.executor = executor;
    }

    /**
     * Opens or creates a bucket. Deletes temporary files that are at least an hour old. Blocks.
     *
     * @param random a source that no other store of the folder repeats
     * @param executor the executor for blocking calls, which the caller shuts down
     */
    public static LocalObjectStore open(
            Disk disk, Path root, RandomGenerator random, Executor executor) throws IOException {
        LocalObjectStore store =
                new LocalObjectStore(
                        disk, root, Long.toHexString(random.nextLong()) + "-", executor);
        disk.createDirectories(root.resolve("objects"));
        store.staging.open();
        return store;
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return onDisk(
                "put " + key,
                future -> {
                    write(key, body);
                    future.complete(null);
                });
    }

    private void write(ObjectKey key, ObjectBody body) throws IOException {
        Path temporary = staging.nextFile();
        try {
            disk.write(temporary, body.pieces());
            staging.publish(temporary, key);
        } catch (IOException | RuntimeException e) {
            staging.discard(temporary, e);
            throw e;
        }
        staging.syncName(key);
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return onDisk(
                "get " + key,
                future ->
                        future.complete(
                                disk.read(layout.file(key), range.start(), range.length())));
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        return onDisk(
                "delete " + doomed.size() + " objects",
                future -> {
                    Set<Path> folders = new LinkedHashSet<>();
                    Map<ObjectKey, ObjectStoreException> failures = new LinkedHashMap<>();
                    for (ObjectKey key : doomed) {
                        try {
                            if (delete(layout.file(key))) {
                                folders.add(layout.folder(key));
                            }
                        } catch (IOException e) {
                            failures.put(key, translated("delete " + key, e));
                        }
                    }
                    for (Path folder : folders) {
                        disk.syncDirectory(folder);
                    }
                    future.complete(new DeleteResult(failures));
                });
    }

    private boolean delete(Path file) throws IOException {
        if (!disk.exists(file)) {
            return false;
        }
        disk.delete(file);
        return true;
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        ObjectStore.checkLimit(limit);
        return onDisk(
                "list " + prefix, future -> future.complete(listing.page(prefix, after, limit)));
    }

    @Override
    public void close() {
        LOG.debugf("closed the bucket in %s", root);
    }

    private interface DiskCall<T> {
        void call(CompletableFuture<T> future) throws IOException;
    }

    private <T> CompletableFuture<T> onDisk(String what, DiskCall<T> call) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            executor.execute(() -> complete(future, what, call));
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(
                    new ObjectStoreException.Unavailable(what + ": the store is closed", e));
        }
        return future;
    }

    private static <T> void complete(CompletableFuture<T> future, String what, DiskCall<T> call) {
        try {
            call.call(future);
        } catch (ObjectStoreException e) {
            future.completeExceptionally(e);
        } catch (IOException e) {
            future.completeExceptionally(translated(what, e));
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "%s failed unexpectedly", what);
            future.completeExceptionally(
                    new ObjectStoreException.Unavailable(what + " failed: " + e, e));
        }
    }

    private static ObjectStoreException translated(String what, IOException e) {
        return switch (e) {
            case NoSuchFileException gone ->
                    new ObjectStoreException.Missing(what + ": there is no such object", gone);
            case EOFException end ->
                    new ObjectStoreException.Missing(
                            what + ": the object ends before the range: " + end.getMessage(), end);
            case Disk.DiskFullException full ->
                    new ObjectStoreException.Full(what + ": " + full.getMessage(), full);
            default -> new ObjectStoreException.Unavailable(what + " failed: " + e, e);
        };
    }

    private final class UploadsOnDisk implements ObjectUploads {

        private final LocalUploads files = new LocalUploads(disk, staging);

        @Override
        public int minPartBytes() {
            return MultipartUpload.MIN_PART_BYTES;
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            checkPartBytes(partBytes);
            return onDisk(
                    "start of upload of " + key,
                    future -> future.complete(files.create(key, partBytes)));
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            long position = upload.position(number, body.sizeBytes());
            return onDisk(
                    "put of %s from byte %d".formatted(upload.key(), position),
                    future -> future.complete(files.uploadPart(upload, number, body)));
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            long sizeBytes = upload.sizeBytes(parts);
            return onDisk(
                    "completion of %s of %d bytes".formatted(upload.key(), sizeBytes),
                    future -> {
                        files.complete(upload.id(), sizeBytes);
                        future.complete(null);
                    });
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            return onDisk(
                    "abort of " + upload,
                    future -> {
                        files.abort(upload);
                        future.complete(null);
                    });
        }

        /** Returns an empty listing, because opening a store deletes leftovers. */
        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            ObjectStore.checkLimit(limit);
            return CompletableFuture.completedFuture(new UploadListing(List.of(), false));
        }
    }
}
