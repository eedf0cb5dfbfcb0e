package io.millrace.runtime.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file system with explicit durability. Bytes survive a crash only after {@link DiskFile#sync},
 * created, moved or deleted names only after {@link #syncDirectory}.
 *
 * <p>Methods block; any thread. A full disk causes {@link DiskFullException}.
 */
public interface Disk {

    /** Creates a folder and missing parents durably. */
    void createDirectories(Path directory) throws IOException;

    /** Creates a file or truncates an existing file. */
    DiskFile create(Path file) throws IOException;

    /**
     * Creates or replaces a file; makes content and size durable. A failure may leave the file
     * incomplete. The disk need not cache the content.
     */
    default void write(Path file, List<ByteBuffer> content) throws IOException {
        try (DiskFile created = create(file)) {
            created.write(content);
            created.sync();
        }
    }

    /**
     * Writes a part of an existing file; makes content and size durable. Zeros fill a gap after the
     * end. A failure may leave the part incomplete. Parts without common bytes may be written
     * concurrently. The disk need not cache the content.
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

    long size(Path file) throws IOException;

    /** Returns the time of the last write, by the disk's clock. */
    Instant lastModified(Path file) throws IOException;

    boolean exists(Path path);

    /**
     * Renames a file atomically, replacing an existing file. A crash may restore the old name until
     * the source folder is synced.
     */
    void move(Path from, Path to) throws IOException;

    /** Deletes a file or an empty folder, if present. */
    void delete(Path path) throws IOException;

    void syncDirectory(Path directory) throws IOException;

    /**
     * Returns the sorted paths in a folder, which start with its path; empty if the folder does not
     * exist.
     */
    List<Path> list(Path directory) throws IOException;

    /** An open file. One thread at a time. */
    interface DiskFile extends Closeable {

        /** Appends all remaining bytes. */
        void write(List<ByteBuffer> bytes) throws IOException;

        /** Writes all remaining bytes at a position. Zeros fill a gap after the end. */
        void write(long position, List<ByteBuffer> bytes) throws IOException;

        void truncate(long size) throws IOException;

        /** Makes content and size durable. */
        void sync() throws IOException;

        long size() throws IOException;
    }

    /** A failure because the disk or its quota is full. */
    final class DiskFullException extends IOException {
        private static final long serialVersionUID = 1L;

        public DiskFullException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
