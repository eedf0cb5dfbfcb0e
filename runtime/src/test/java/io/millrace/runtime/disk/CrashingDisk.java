package io.millrace.runtime.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that simulates power failures. {@link #crash} keeps everything that was synced
 * and a random part of the rest, as unfavourable as the contract of {@link Disk} allows. Unsynced
 * bytes survive wholly, partly, as zeros or not at all. Each name of an unsynced folder has its old
 * or its new state, independently of all others. Thread-safe.
 */
public final class CrashingDisk implements Disk {

    private static final long UNLIMITED = Long.MAX_VALUE / 2;

    private final InstantSource clock;
    private DiskFolder root = new DiskFolder();
    private long capacityBytes = UNLIMITED;
    private long operations;
    private long failAt = Long.MAX_VALUE;
    private long stopAt = Long.MAX_VALUE;
    private int life;

    /** Creates a disk whose files all have the time 1970-01-01. */
    public CrashingDisk() {
        this(() -> Instant.EPOCH);
    }

    /** Creates a disk with the file times of a clock. */
    public CrashingDisk(InstantSource clock) {
        this.clock = clock;
    }

    /** Simulates a power failure. Open files are lost; faults and capacity are reset. */
    public synchronized void crash(RandomGenerator random) {
        // The first bits of java.util.Random are equal for all small seeds, so the seed is mixed.
        root = root.afterCrash(new SplittableRandom(random.nextLong()));
        life++;
        failAt = Long.MAX_VALUE;
        stopAt = Long.MAX_VALUE;
        capacityBytes = UNLIMITED;
    }

    /** Sets the total capacity for content. A write beyond it fails after a part of its bytes. */
    public synchronized void setCapacity(long bytes) {
        capacityBytes = bytes;
    }

    /** Returns the number of changing or syncing operations so far. */
    public synchronized long operations() {
        return operations;
    }

    /** Fails one changing or syncing operation without effect; 1 is the next. */
    public synchronized void failOperation(long fromNow) {
        failAt = operations + fromNow;
    }

    /** Fails this and all later changing or syncing operations until the crash; 1 is the next. */
    public synchronized void stopAtOperation(long fromNow) {
        stopAt = operations + fromNow;
    }

    private void begin(String what, Path path) throws IOException {
        operations++;
        if (operations == failAt || operations >= stopAt) {
            throw new IOException(what + " of " + path + " failed, as the test wants it");
        }
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        begin("creation", directory);
        DiskFolder folder = root;
        for (Path name : absolute(directory)) {
            @Nullable DiskNode child = folder.get(name.toString());
            if (child instanceof DiskContent) {
                throw new FileAlreadyExistsException(directory.toString());
            }
            if (child == null) {
                child = new DiskFolder();
                folder.put(name.toString(), child);
            }
            folder.sync(name.toString());
            folder = (DiskFolder) child;
        }
    }

    @Override
    public synchronized DiskFile create(Path file) throws IOException {
        begin("creation", file);
        DiskFolder folder = parent(file);
        if (folder.get(name(file)) instanceof DiskContent existing) {
            existing.truncate(0);
            return open(file, existing);
        }
        DiskContent content = new DiskContent(clock.instant());
        folder.put(name(file), content);
        return open(file, content);
    }

    @Override
    public synchronized DiskFile append(Path file) throws IOException {
        return open(file, content(file));
    }

    @Override
    public synchronized byte[] read(Path file, long position, int length) throws IOException {
        DiskContent content = content(file);
        if (position + length > content.size()) {
            throw new EOFException(file + " has only " + content.size() + " bytes");
        }
        return content.read(position, length);
    }

    @Override
    public synchronized long size(Path file) throws IOException {
        return content(file).size();
    }

    @Override
    public synchronized Instant lastModified(Path file) throws IOException {
        return content(file).lastModified();
    }

    @Override
    public synchronized boolean exists(Path path) {
        return find(path) != null;
    }

    @Override
    public synchronized void move(Path from, Path to) throws IOException {
        begin("move", from);
        DiskContent content = content(from);
        DiskFolder target = parent(to);
        parent(from).remove(name(from));
        target.put(name(to), content);
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        begin("deletion", path);
        @Nullable DiskNode node = find(path);
        if (node instanceof DiskFolder folder && !folder.names().isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        if (node != null) {
            parent(path).remove(name(path));
        }
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        begin("sync", directory);
        if (!(find(directory) instanceof DiskFolder folder)) {
            throw new NoSuchFileException(directory.toString());
        }
        folder.syncAll();
    }

    @Override
    public synchronized List<Path> list(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        if (find(directory) instanceof DiskFolder folder) {
            folder.names().forEach(name -> entries.add(directory.resolve(name)));
        }
        return entries;
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static String name(Path path) {
        return String.valueOf(absolute(path).getFileName());
    }

    private @Nullable DiskNode find(Path path) {
        @Nullable DiskNode node = root;
        for (Path name : absolute(path)) {
            node = node instanceof DiskFolder folder ? folder.get(name.toString()) : null;
        }
        return node;
    }

    private DiskContent content(Path file) throws IOException {
        if (find(file) instanceof DiskContent content) {
            return content;
        }
        throw new NoSuchFileException(file.toString());
    }

    private DiskFolder parent(Path path) throws IOException {
        if (find(absolute(path).resolve("..")) instanceof DiskFolder folder) {
            return folder;
        }
        throw new NoSuchFileException(path.toString());
    }

    private DiskFile open(Path path, DiskContent content) {
        return new CrashingFile(path, content, life);
    }

    /** An open file that can be used until the next crash. */
    private final class CrashingFile implements DiskFile {

        private final Path path;
        private final DiskContent content;
        private final int bornIn;
        private boolean closed;

        CrashingFile(Path path, DiskContent content, int bornIn) {
            this.path = path;
            this.content = content;
            this.bornIn = bornIn;
        }

        private void checkOpen() throws IOException {
            if (closed || bornIn != life) {
                throw new IOException(path + " is not open any more");
            }
        }

        @Override
        public void write(List<ByteBuffer> bytes) throws IOException {
            synchronized (CrashingDisk.this) {
                write(content.size(), bytes);
            }
        }

        @Override
        public void write(long position, List<ByteBuffer> bytes) throws IOException {
            synchronized (CrashingDisk.this) {
                checkOpen();
                begin("write", path);
                int at = Math.toIntExact(position);
                for (ByteBuffer piece : bytes) {
                    // A hole occupies as much capacity as data.
                    long max = Math.max(0, content.size() - at + room());
                    byte[] fitting = new byte[(int) Math.min(piece.remaining(), max)];
                    piece.get(fitting);
                    content.write(at, fitting, clock.instant());
                    at += fitting.length;
                    if (piece.hasRemaining()) {
                        throw new DiskFullException("no room for " + path, null);
                    }
                }
            }
        }

        private long room() {
            return capacityBytes == UNLIMITED
                    ? UNLIMITED
                    : Math.max(0, capacityBytes - root.sizeBytes());
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (CrashingDisk.this) {
                checkOpen();
                begin("truncation", path);
                content.truncate(Math.toIntExact(size));
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (CrashingDisk.this) {
                checkOpen();
                begin("sync", path);
                content.sync();
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (CrashingDisk.this) {
                checkOpen();
                return content.size();
            }
        }

        @Override
        public void close() {
            synchronized (CrashingDisk.this) {
                closed = true;
            }
        }
    }
}
