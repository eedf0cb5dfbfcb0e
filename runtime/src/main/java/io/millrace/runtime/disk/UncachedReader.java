package io.millrace.runtime.disk;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads large parts of files without the page cache where supported. The kernel's read-ahead is too
 * short for parts of about 1 MiB. Thread-safe.
 */
final class UncachedReader {

    private static final System.Logger LOG = System.getLogger(UncachedReader.class.getName());
    private static final int BLOCK_BYTES = StagingBuffers.BLOCK_BYTES;

    private final StagingBuffers staging;
    private volatile boolean rejected;

    UncachedReader(StagingBuffers staging) {
        this.staging = staging;
    }

    /** Fills the array from a position on; returns false if the caller must use the page cache. */
    boolean tryRead(Path file, long position, byte[] bytes) throws IOException {
        if (rejected) {
            return false;
        }
        ByteBuffer buffer = staging.acquire();
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            for (int done = 0; done < bytes.length; ) {
                long at = position + done;
                int skip = (int) (at % BLOCK_BYTES);
                int blocks = (skip + bytes.length - done + BLOCK_BYTES - 1) / BLOCK_BYTES;
                buffer.clear()
                        .limit((int) Math.min(buffer.capacity(), (long) blocks * BLOCK_BYTES));
                int count = channel.read(buffer, at - skip);
                if (count <= skip) {
                    throw SystemDisk.endsBefore(file, position + bytes.length);
                }
                int part = Math.min(count - skip, bytes.length - done);
                buffer.get(skip, bytes, done, part);
                done += part;
            }
            return true;
        } catch (NoSuchFileException | EOFException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            rejected = true;
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "%s: reading through the page cache from now on: %s".formatted(file, e));
            return false;
        } finally {
            staging.release(buffer);
        }
    }
}
