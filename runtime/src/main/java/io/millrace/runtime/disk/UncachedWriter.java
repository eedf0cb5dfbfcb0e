package io.millrace.runtime.disk;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Writes large parts of files without the page cache where supported, which needs a tenth of the
 * kernel's CPU time for several MiB. Thread-safe.
 */
final class UncachedWriter {

    private static final System.Logger LOG = System.getLogger(UncachedWriter.class.getName());

    /** The largest page size. An uncached write must not share a page with cached writes. */
    private static final int PAGE_BYTES = 64 << 10;

    private final StagingBuffers staging;
    private volatile boolean rejected;

    UncachedWriter(StagingBuffers staging) {
        this.staging = staging;
    }

    /**
     * Creates or replaces the file; content and size are durable, the name is not. Returns false if
     * the caller must use the page cache.
     */
    boolean tryWrite(Path file, List<ByteBuffer> content, long sizeBytes) throws IOException {
        return attempt(
                file,
                () -> {
                    try (FileChannel channel =
                            FileChannel.open(
                                    file,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.TRUNCATE_EXISTING,
                                    ExtendedOpenOption.DIRECT)) {
                        staging.write(channel, content, sizeBytes, StagingBuffers.BLOCK_BYTES);
                        if (sizeBytes % StagingBuffers.BLOCK_BYTES != 0) {
                            channel.truncate(sizeBytes);
                        }
                        channel.force(false);
                    }
                });
    }

    /**
     * Writes a part of an existing file durably, also concurrently with other parts. Returns false
     * if the caller must use the page cache.
     */
    boolean tryWrite(Path file, long position, List<ByteBuffer> content, long sizeBytes)
            throws IOException {
        long before = Math.min(Math.floorMod(-position, PAGE_BYTES), sizeBytes);
        long pages = (sizeBytes - before) / PAGE_BYTES * PAGE_BYTES;
        long after = sizeBytes - before - pages;
        return attempt(
                file,
                () -> {
                    try (FileChannel cached = FileChannel.open(file, StandardOpenOption.WRITE);
                            FileChannel direct =
                                    FileChannel.open(
                                            file,
                                            StandardOpenOption.WRITE,
                                            ExtendedOpenOption.DIRECT)) {
                        staging.write(cached.position(position), content, before, 1);
                        staging.write(direct.position(position + before), content, pages, 1);
                        staging.write(
                                cached.position(position + before + pages), content, after, 1);
                        cached.force(false);
                    }
                });
    }

    private interface Write {
        void run() throws IOException;
    }

    private boolean attempt(Path file, Write write) throws IOException {
        if (rejected) {
            return false;
        }
        try {
            write.run();
            return true;
        } catch (UnsupportedOperationException notHere) {
            return abort(file, notHere);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            if (SystemDisk.convertDiskFull(e, file) instanceof Disk.DiskFullException full) {
                throw full;
            }
            // File systems report missing support in many ways, some only at the first write. A
            // failure of the disk itself repeats in the cached write.
            return abort(file, e);
        }
    }

    private boolean abort(Path file, Exception why) {
        rejected = true;
        LOG.log(
                System.Logger.Level.INFO,
                () -> "%s: writing through the page cache from now on: %s".formatted(file, why));
        return false;
    }
}
