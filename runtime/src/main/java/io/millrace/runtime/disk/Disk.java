package io.millrace.runtime.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file system, as far as durability goes: what was written is safe from a crash only after {@link
 * DiskFile#sync}, and a file's name (after a creation, move or deletion) only after {@link
 * #syncDirectory} of its folder.
 *
 * <p>Methods block and may be called from any thread that may block. Where there is no room they
 * throw {@link DiskFullException}.
 */
public interface Disk {

    /** Creates a folder and its parents, durably. Those that exist stay as they are. */
    void createDirectories(Path directory) throws IOException;

    /** Creates an empty file, or empties the one that has this name, and opens it. */
    DiskFile create(Path file) throws IOException;

    /**
     * Creates a file of this content, or gives it to the one of this name, and makes content and
     * size durable. After a failure a part of it may be there. For files that are written once: the
     * disk need not keep them in memory.
     */
    default void write(Path file, List<ByteBuffer> content) throws IOException {
        try (DiskFile created = create(file)) {
            created.write(content);
            created.sync();
        }
    }

    /**
     * Writes over a part of an existing file, or behind its end, and makes content and size
     * durable. What lies between the end and the position becomes zeros. After a failure a part of
     * it may be there. Any number of parts that share no byte may be written at the same time. For
     * files that are written once: the disk need not keep them in memory.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such file
     */
    default void write(Path file, long position, List<ByteBuffer> content) throws IOException {
        try (DiskFile existing = append(file)) {
            existing.write(position, content);
            existing.sync();
        }
    }

    /** Opens an existing file, to write behind its end or over what is there. */
    DiskFile append(Path file) throws IOException;

    /**
     * Reads exactly so many bytes.
     *
     * @throws java.io.EOFException if the file ends before
     * @throws java.nio.file.NoSuchFileException if there is no such file
     */
    byte[] read(Path file, long position, int length) throws IOException;

    /** The size of a file in bytes. */
    long size(Path file) throws IOException;

    /** When a file was last written, by the disk's clock. */
    Instant lastModified(Path file) throws IOException;

    /** Whether there is a file or folder of this name. */
    boolean exists(Path path);

    /**
     * Gives a file another name, replacing a file that has it, in one step. The new name is durable
     * when its folder is synced; the old one may come back in a crash until its own folder is.
     */
    void move(Path from, Path to) throws IOException;

    /** Deletes a file or an empty folder, if it is there. */
    void delete(Path path) throws IOException;

    /** Makes the names in a folder durable. */
    void syncDirectory(Path directory) throws IOException;

    /**
     * The files and folders in a folder, as paths that begin with the folder's own, sorted; none if
     * there is no such folder.
     */
    List<Path> list(Path directory) throws IOException;

    /** An open file. One thread at a time. */
    interface DiskFile extends Closeable {

        /** Writes all remaining bytes of all buffers behind the end. */
        void write(List<ByteBuffer> bytes) throws IOException;

        /**
         * Writes all remaining bytes of all buffers from a position on, over what is there. What
         * lies between the end and the position becomes zeros.
         */
        void write(long position, List<ByteBuffer> bytes) throws IOException;

        /** Cuts the file off behind so many bytes. */
        void truncate(long size) throws IOException;

        /** Makes content and size durable. */
        void sync() throws IOException;

        /** Size in bytes. */
        long size() throws IOException;
    }

    /** There is no room on the disk, or the quota is used up. */
    final class DiskFullException extends IOException {
        private static final long serialVersionUID = 1L;

        public DiskFullException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
