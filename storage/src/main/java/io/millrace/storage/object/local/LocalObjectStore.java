package io.millrace.storage.object.local;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * A bucket in a folder of a local disk. An object is written under a temporary name, synced, moved
 * to its own name, and the folder synced: so after a crash it is there whole or not at all. Stores
 * of several processes may use a folder, as nodes of one cluster do. Futures complete on the
 * executor's threads.
 */
public final class LocalObjectStore implements ObjectStore {

    private static final Logger LOG = Logger.getLogger(LocalObjectStore.class);
    private static final int MOST_KNOWN_FOLDERS = 4096;

    /** After so long without a write, a temporary file is taken for one of a store that crashed. */
    private static final Duration LEFTOVER_AFTER = Duration.ofHours(1);

    private final Disk disk;
    private final Path staging;

    /** What the names of its temporary files begin with, so that no other store has the same. */
    private final String name;

    private final KeyLayout layout;
    private final LocalListing listing;
    private final Executor executor;
    private final AtomicLong nextTemporary = new AtomicLong();

    /** Folders that are durably there, so that a put need not look. */
    private final Set<Path> knownFolders = ConcurrentHashMap.newKeySet();

    private LocalObjectStore(Disk disk, Path root, String name, Executor executor) {
        this.disk = disk;
        this.staging = root.resolve("staging");
        this.name = name;
        Path objects = root.resolve("objects");
        this.layout = new KeyLayout(objects);
        this.listing = new LocalListing(disk, objects);
        this.executor = executor;
    }

    /**
     * Opens the bucket, or makes an empty one, and removes what unfinished puts of crashed
     * processes left an hour ago or earlier. Blocks.
     *
     * @param random not the same as that of another store of the folder
     * @param executor runs the disk's blocking calls; the caller shuts it down
     */
    public static LocalObjectStore open(
            Disk disk, Path root, RandomGenerator random, Executor executor) throws IOException {
        LocalObjectStore store =
                new LocalObjectStore(
                        disk, root, Long.toHexString(random.nextLong()) + "-", executor);
        disk.createDirectories(root.resolve("objects"));
        disk.createDirectories(store.staging);
        store.sweep();
        return store;
    }

    /** Deletes old temporary files: those of now may be other stores' puts. */
    private void sweep() throws IOException {
        Path probe = nextTemporary();
        try {
            disk.create(probe).close();
        } catch (Disk.DiskFullException full) {
            // What time it is by the disk's clock cannot be told; reading must be possible still.
            return;
        }
        Instant eldest = disk.lastModified(probe).minus(LEFTOVER_AFTER);
        disk.delete(probe);
        for (Path leftover : disk.list(staging)) {
            if (isOlder(leftover, eldest)) {
                disk.delete(leftover);
            }
        }
    }

    private boolean isOlder(Path file, Instant eldest) throws IOException {
        try {
            return disk.lastModified(file).isBefore(eldest);
        } catch (NoSuchFileException moved) {
            return false;
        }
    }

    private Path nextTemporary() {
        return staging.resolve(name + nextTemporary.getAndIncrement());
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
        Path temporary = nextTemporary();
        Path folder = layout.folder(key);
        try {
            makeFolder(folder);
            disk.write(temporary, body.pieces());
            disk.move(temporary, layout.file(key));
        } catch (IOException | RuntimeException e) {
            discard(temporary, e);
            throw e;
        }
        disk.syncDirectory(folder);
    }

    private void makeFolder(Path folder) throws IOException {
        if (knownFolders.contains(folder)) {
            return;
        }
        disk.createDirectories(folder);
        if (knownFolders.size() >= MOST_KNOWN_FOLDERS) {
            knownFolders.clear();
        }
        knownFolders.add(folder);
    }

    private void discard(Path temporary, Exception cause) {
        try {
            disk.delete(temporary);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        return onDisk(
                "get " + key,
                future ->
                        future.complete(
                                disk.read(layout.file(key), range.start(), range.length())));
    }

    @Override
    public CompletableFuture<Void> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        return onDisk(
                "delete " + doomed.size() + " objects",
                future -> {
                    Set<Path> folders = new LinkedHashSet<>();
                    for (ObjectKey key : doomed) {
                        Path file = layout.file(key);
                        if (disk.exists(file)) {
                            disk.delete(file);
                            folders.add(layout.folder(key));
                        }
                    }
                    for (Path folder : folders) {
                        disk.syncDirectory(folder);
                    }
                    future.complete(null);
                });
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, Optional<ObjectKey> after, int limit) {
        ObjectStore.checkLimit(limit);
        return onDisk(
                "list " + prefix, future -> future.complete(listing.page(prefix, after, limit)));
    }

    @Override
    public void close() {
        LOG.debugf("closed the bucket beside %s", staging);
    }

    /** Blocks for the disk, and completes the future if all went well. */
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
        } catch (IOException e) {
            future.completeExceptionally(translated(what, e));
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "%s failed in an unforeseen way", what);
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
}
