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
 * Writes files and large parts of files without the page cache where the file system supports that.
 * For writes of several MiB, the kernel then needs a tenth of the CPU time, because it need not
 * allocate, fill and write back pages, and the write is several times faster. Thread-safe.
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
     * Creates or replaces the file. Content and size are durable, the name is not.
     *
     * @return false if the caller must write through the page cache instead
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
     * Writes a part of an existing file durably. Other parts may be written concurrently.
     *
     * @return false if the caller must write through the page cache instead
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
            // File systems report missing support in many ways, some only at the first write. The
            // write through the page cache meets any failure of the disk itself as well.
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
