package io.millrace.storage.disk;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Writes whole files past the page cache, where the file system lets it. For files of some MiB that
 * takes the kernel a tenth of the processor time, which goes into finding, filling and writing back
 * pages otherwise, and is several times as fast. Safe for use by any number of threads.
 */
final class UncachedWriter {

    private static final Logger LOG = Logger.getLogger(UncachedWriter.class);

    private final StagingBuffers staging;
    private volatile boolean refused;

    UncachedWriter(StagingBuffers staging) {
        this.staging = staging;
    }

    /**
     * Creates or replaces the file, durably but for its name.
     *
     * @return false if it must be written through the page cache instead
     */
    boolean tryWrite(Path file, List<ByteBuffer> content, long sizeBytes) throws IOException {
        if (refused) {
            return false;
        }
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        ExtendedOpenOption.DIRECT)) {
            writeBlocks(channel, content);
            if (sizeBytes % StagingBuffers.BLOCK_BYTES != 0) {
                channel.truncate(sizeBytes);
            }
            channel.force(false);
            return true;
        } catch (UnsupportedOperationException notHere) {
            return giveUp(file, notHere);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            if (SystemDisk.explained(e, file) instanceof Disk.DiskFullException full) {
                throw full;
            }
            // File systems say it in many ways, some only at the first write. What is wrong with
            // the disk itself, the way through the page cache meets as well.
            return giveUp(file, e);
        }
    }

    private void writeBlocks(FileChannel channel, List<ByteBuffer> content) throws IOException {
        ByteBuffer buffer = staging.take();
        try {
            for (ByteBuffer piece : content) {
                while (piece.hasRemaining()) {
                    StagingBuffers.fill(buffer, piece);
                    if (!buffer.hasRemaining()) {
                        flush(channel, buffer);
                    }
                }
            }
            while (buffer.position() % StagingBuffers.BLOCK_BYTES != 0) {
                buffer.put((byte) 0);
            }
            flush(channel, buffer);
        } finally {
            staging.giveBack(buffer);
        }
    }

    private static void flush(FileChannel channel, ByteBuffer buffer) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    private boolean giveUp(Path file, Exception why) {
        refused = true;
        LOG.infof("writing through the page cache from now on, because of %s: %s", file, why);
        return false;
    }
}
