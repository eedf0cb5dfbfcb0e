package io.millrace.runtime.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file system with explicit durability. Written bytes survive a crash only after {@link
 * DiskFile#sync}. A file's name, after a creation, move or deletion, survives only after {@link
 * #syncDirectory} of its folder.
 *
 * <p>Methods block, and may be called from any thread that may block. A full disk causes {@link
 * DiskFullException}.
 */
public interface Disk {

    /** Creates a folder and its parents durably. Existing folders remain unchanged. */
    void createDirectories(Path directory) throws IOException;

    /** Creates an empty file, or truncates an existing one, and opens the file. */
    DiskFile create(Path file) throws IOException;

    /**
     * Creates or replaces a file with this content, and makes content and size durable. After a
     * failure, the file may be incomplete. For files that are written once, so that the disk need
     * not cache them.
     */
    default void write(Path file, List<ByteBuffer> content) throws IOException {
        try (DiskFile created = create(file)) {
            created.write(content);
            created.sync();
        }
    }

    /**
     * Writes a part of an existing file, inside the file or beyond the end, and makes content and
     * size durable. A gap between the end and the position is filled with zeros. After a failure,
     * the part may be incomplete. Parts that share no byte may be written concurrently. For files
     * that are written once, so that the disk need not cache them.
     *
     * @throws java.nio.file.NoSuchFileException if the file does not exist
     */
    default void write(Path file, long position, List<ByteBuffer> content) throws IOException {
        try (DiskFile existing = append(file)) {
            existing.write(position, content);
            existing.sync();
        }
    }

    /** Opens an existing file for appending and overwriting. */
    DiskFile append(Path file) throws IOException;

    /**
     * Reads exactly {@code length} bytes.
     *
     * @throws java.io.EOFException if the file is too short
     * @throws java.nio.file.NoSuchFileException if the file does not exist
     */
    byte[] read(Path file, long position, int length) throws IOException;

    /** Returns the size of a file in bytes. */
    long size(Path file) throws IOException;

    /** Returns the time of the last write to a file, by the disk's clock. */
    Instant lastModified(Path file) throws IOException;

    /** Returns whether a file or folder exists. */
    boolean exists(Path path);

    /**
     * Renames a file atomically, replacing an existing file. The new name is durable after a sync
     * of the target folder. A crash may restore the old name until the source folder is synced.
     */
    void move(Path from, Path to) throws IOException;

    /** Deletes a file or an empty folder if it exists. */
    void delete(Path path) throws IOException;

    /** Makes the names in a folder durable. */
    void syncDirectory(Path directory) throws IOException;

    /**
     * Lists the files and folders in a folder, as sorted paths that start with the folder's path.
     * Empty if the folder does not exist.
     */
    List<Path> list(Path directory) throws IOException;

    /** An open file. One thread at a time. */
    interface DiskFile extends Closeable {

        /** Appends all remaining bytes of all buffers. */
        void write(List<ByteBuffer> bytes) throws IOException;

        /**
         * Writes all remaining bytes of all buffers at a position, overwriting existing bytes. A
         * gap between the end and the position is filled with zeros.
         */
        void write(long position, List<ByteBuffer> bytes) throws IOException;

        /** Truncates the file to a size. */
        void truncate(long size) throws IOException;

        /** Makes content and size durable. */
        void sync() throws IOException;

        /** Returns the size in bytes. */
        long size() throws IOException;
    }

    /** The disk is full, or its quota is used up. */
    final class DiskFullException extends IOException {
        private static final long serialVersionUID = 1L;

        public DiskFullException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
