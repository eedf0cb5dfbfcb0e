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

/** Temporary files that are renamed to objects. Methods block and are thread safe. */
final class Staging {

    private static final int MAX_KNOWN_FOLDERS = 4096;

    /** Time since the last write after which a file is left over from a crash. */
    private static final Duration MAX_IDLE = Duration.ofHours(1);

    private final Disk disk;
    private final Path directory;
    private final String name;
    private final KeyLayout layout;
    private final AtomicLong nextFile = new AtomicLong();

    /** Durable folders, which a put need not check. */
    private final Set<Path> knownFolders = ConcurrentHashMap.newKeySet();

    /**
     * Creates a staging area.
     *
     * @param name the prefix of file names, unique to this store
     */
    Staging(Disk disk, Path directory, String name, KeyLayout layout) {
        this.disk = disk;
        this.directory = directory;
        this.name = name;
        this.layout = layout;
    }

    /** Creates the folder and deletes old files. Recent files may be puts of other stores. */
    void open() throws IOException {
        disk.createDirectories(directory);
        Path probe = nextFile();
        try {
            disk.create(probe).close();
        } catch (Disk.DiskFullException full) {
            // The clock of a full disk cannot be read, but the store must open for reads.
            return;
        }
        Instant eldest = disk.lastModified(probe).minus(MAX_IDLE);
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

    Path nextFile() {
        return file(name + nextFile.getAndIncrement());
    }

    Path file(String fileName) {
        return directory.resolve(fileName);
    }

    /** Renames a synced file to an object, atomically. */
    void publish(Path file, ObjectKey key) throws IOException {
        makeFolder(layout.folder(key));
        disk.move(file, layout.file(key));
    }

    /** Makes the object's name durable. */
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
