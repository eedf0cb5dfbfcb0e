package io.millrace.fetch.disk;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.FetchWorld;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.runtime.disk.CrashingDisk;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.stream.ObjectId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** A disk tier on virtual time with a disk in memory. I/O runs on request of the test. */
final class DiskWorld {

    static final Path FOLDER = Path.of("/cache");
    static final int MAX_TASKS = 8;

    final SimulatedEventLoop loop = new SimulatedEventLoop();
    final CrashingDisk disk;
    final UnreadableDisk reads;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Queue<Runnable> tasks = new ArrayDeque<>();
    final DiskTier tier;

    DiskWorld(CrashingDisk disk, String cluster, long maxBytes) {
        this.disk = disk;
        reads = new UnreadableDisk(disk, loop);
        tier =
                new DiskTier(
                        new DiskTierSettings(cluster, FOLDER, maxBytes, 1000),
                        reads,
                        loop,
                        this::accept,
                        new DiskMetrics(meters));
        runPendingIo();
    }

    private void accept(Runnable task) {
        if (tasks.size() == MAX_TASKS) {
            throw new RejectedExecutionException("busy");
        }
        tasks.add(task);
    }

    /** Runs all pending I/O and its consequences. */
    void runPendingIo() {
        loop.runReady();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
            loop.runReady();
        }
    }

    static ChunkKey key(int number) {
        return new ChunkKey(new ObjectId(ObjectId.Kind.WAL, 7, number), 0);
    }

    /** Returns the expected content of a chunk. */
    static Chunk chunk(int number, int length) {
        byte[] bytes = new byte[length];
        new Random(number).nextBytes(bytes);
        return Chunk.of(bytes);
    }

    /** Offers the chunk without running the I/O. */
    void offer(int number, int length) {
        loop.call(() -> tier.write(key(number), chunk(number, length)));
    }

    void write(int number, int length) {
        offer(number, length);
        runPendingIo();
    }

    /** Starts to read a chunk without running the I/O. */
    CompletableFuture<Optional<Chunk>> begin(int number, int length) {
        List<CompletableFuture<Optional<Chunk>>> begun = new ArrayList<>();
        loop.call(() -> begun.add(tier.read(key(number), length)));
        return begun.getFirst();
    }

    Optional<Chunk> read(int number, int length) {
        CompletableFuture<Optional<Chunk>> found = begin(number, length);
        runPendingIo();
        return FetchWorld.done(found);
    }

    /** Returns whether the chunk is stored, and checks its content. */
    boolean has(int number, int length) {
        Optional<Chunk> found = read(number, length);
        if (found.isPresent()
                && !Arrays.equals(found.get().bytes(), chunk(number, length).bytes())) {
            throw new AssertionError("chunk " + number + " has the bytes of something else");
        }
        return found.isPresent();
    }

    Path file(int number) {
        return FOLDER.resolve(ChunkFile.name(key(number)));
    }

    /** Returns the total size of all files in whole blocks. */
    long bytesOnDisk() throws IOException {
        long bytes = 0;
        for (Path file : disk.list(FOLDER)) {
            bytes += (disk.size(file) + 4095) / 4096 * 4096;
        }
        return bytes;
    }

    double count(String meter, String result) {
        return meters.get(meter).tag("result", result).counter().count();
    }

    /** A disk whose reads can fail. */
    static final class UnreadableDisk implements Disk {
        private final Disk delegate;
        private final SimulatedEventLoop loop;
        boolean broken;

        UnreadableDisk(Disk delegate, SimulatedEventLoop loop) {
            this.delegate = delegate;
            this.loop = loop;
        }

        private Disk disk() {
            if (loop.inLoop()) {
                throw new AssertionError("I/O on the loop");
            }
            return delegate;
        }

        @Override
        public byte[] read(Path file, long position, int length) throws IOException {
            if (broken) {
                throw new IOException("the test lets reads fail");
            }
            return disk().read(file, position, length);
        }

        @Override
        public void createDirectories(Path directory) throws IOException {
            disk().createDirectories(directory);
        }

        @Override
        public DiskFile create(Path file) throws IOException {
            return disk().create(file);
        }

        @Override
        public DiskFile append(Path file) throws IOException {
            return disk().append(file);
        }

        @Override
        public long size(Path file) throws IOException {
            return disk().size(file);
        }

        @Override
        public Instant lastModified(Path file) throws IOException {
            return disk().lastModified(file);
        }

        @Override
        public boolean exists(Path path) {
            return disk().exists(path);
        }

        @Override
        public void move(Path from, Path to) throws IOException {
            disk().move(from, to);
        }

        @Override
        public void delete(Path path) throws IOException {
            disk().delete(path);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            disk().syncDirectory(directory);
        }

        @Override
        public List<Path> list(Path directory) throws IOException {
            return disk().list(directory);
        }
    }
}
