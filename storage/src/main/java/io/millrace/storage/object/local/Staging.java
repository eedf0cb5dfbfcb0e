package io.millrace.storage.object.local;

import io.millrace.runtime.disk.Disk;
import io.millrace.storage.object.ObjectKey;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The temporary files in which objects are written before they get their names. Methods block, and
 * may be called by any number of threads.
 */
final class Staging {

    private static final int MAX_KNOWN_FOLDERS = 4096;

    /** After so long without a write, a temporary file is taken for one of a store that crashed. */
    private static final Duration LEFTOVER_AFTER = Duration.ofHours(1);

    private final Disk disk;
    private final Path directory;
    private final String name;
    private final KeyLayout layout;
    private final AtomicLong nextFile = new AtomicLong();

    /** Folders that are durably there, so that a put need not look. */
    private final Set<Path> knownFolders = ConcurrentHashMap.newKeySet();

    /**
     * @param name what the names of its files begin with, so that no other store has the same
     */
    Staging(Disk disk, Path directory, String name, KeyLayout layout) {
        this.disk = disk;
        this.directory = directory;
        this.name = name;
        this.layout = layout;
    }

    /** Makes the folder, or deletes the old files in it: those of now may be other stores' puts. */
    void open() throws IOException {
        disk.createDirectories(directory);
        Path probe = nextFile();
        try {
            disk.create(probe).close();
        } catch (Disk.DiskFullException full) {
            // What time it is by the disk's clock cannot be told; reading must be possible still.
            return;
        }
        Instant eldest = disk.lastModified(probe).minus(LEFTOVER_AFTER);
        disk.delete(probe);
        for (Path leftover : disk.list(directory)) {
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

    /** A file that nobody has yet. */
    Path nextFile() {
        return file(name + nextFile.getAndIncrement());
    }

    Path file(String fileName) {
        return directory.resolve(fileName);
    }

    /** Gives a file that was synced the name of an object, in one step. */
    void publish(Path file, ObjectKey key) throws IOException {
        makeFolder(layout.folder(key));
        disk.move(file, layout.file(key));
    }

    /** Makes the name durable. */
    void syncName(ObjectKey key) throws IOException {
        disk.syncDirectory(layout.folder(key));
    }

    private void makeFolder(Path folder) throws IOException {
        if (knownFolders.contains(folder)) {
            return;
        }
        disk.createDirectories(folder);
        if (knownFolders.size() >= MAX_KNOWN_FOLDERS) {
            knownFolders.clear();
        }
        knownFolders.add(folder);
    }

    void discard(Path file, Exception cause) {
        try {
            disk.delete(file);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
