package io.millrace.runtime.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The file system of the machine. Thread-safe. */
public final class SystemDisk implements Disk {

    /** Below, reads through the page cache are faster, because uncached I/O needs whole blocks. */
    private static final int MIN_UNCACHED_READ_BYTES = 128 << 10;

    /**
     * Below, writes through the page cache are faster: the end of an uncached write that is not a
     * whole block is read again to cut it off.
     */
    private static final int MIN_UNCACHED_WRITE_BYTES = 1 << 20;

    private final StagingBuffers staging = new StagingBuffers();
    private final UncachedWriter uncachedWriter = new UncachedWriter(staging);
    private final UncachedReader uncachedReader = new UncachedReader(staging);

    @Override
    public void createDirectories(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().normalize().getParent();
        if (parent == null) {
            return;
        }
        if (!Files.isDirectory(parent)) {
            createDirectories(parent);
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw convertDiskFull(e, parent);
        }
        // Also for an existing folder, because its creator may have crashed before the sync.
        syncDirectory(parent);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        return open(
                file,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    @Override
    public void write(Path file, List<ByteBuffer> content) throws IOException {
        long sizeBytes = sizeBytes(content);
        if (sizeBytes < MIN_UNCACHED_WRITE_BYTES
                || !uncachedWriter.tryWrite(file, views(content), sizeBytes)) {
            Disk.super.write(file, content);
        }
    }

    @Override
    public void write(Path file, long position, List<ByteBuffer> content) throws IOException {
        long sizeBytes = sizeBytes(content);
        if (sizeBytes < MIN_UNCACHED_WRITE_BYTES
                || !uncachedWriter.tryWrite(file, position, views(content), sizeBytes)) {
            Disk.super.write(file, position, content);
        }
    }

    static long sizeBytes(List<ByteBuffer> content) {
        return content.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    private static List<ByteBuffer> views(List<ByteBuffer> content) {
        return content.stream().map(ByteBuffer::duplicate).toList();
    }

    @Override
    public DiskFile append(Path file) throws IOException {
        return open(file, StandardOpenOption.WRITE);
    }

    private DiskFile open(Path file, StandardOpenOption... options) throws IOException {
        try {
            FileChannel channel = FileChannel.open(file, options);
            return new SystemFile(file, channel, staging);
        } catch (IOException e) {
            throw convertDiskFull(e, file);
        }
    }

    @Override
    public byte[] read(Path file, long position, int length) throws IOException {
        // A range beyond the end must not cost the memory of its length.
        if (position + length > Files.size(file)) {
            throw endsBefore(file, position + length);
        }
        byte[] bytes = new byte[length];
        if (length >= MIN_UNCACHED_READ_BYTES && uncachedReader.tryRead(file, position, bytes)) {
            return bytes;
        }
        ByteBuffer buffer = staging.acquire();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int done = 0; done < length; ) {
                buffer.clear().limit(Math.min(buffer.capacity(), length - done));
                int count = channel.read(buffer, position + done);
                if (count < 0) {
                    throw endsBefore(file, position + length);
                }
                buffer.flip().get(bytes, done, count);
                done += count;
            }
            return bytes;
        } finally {
            staging.release(buffer);
        }
    }

    static EOFException endsBefore(Path file, long byteAsked) {
        return new EOFException(
                file + " ends before byte " + byteAsked + " of the requested range");
    }

    @Override
    public long size(Path file) throws IOException {
        return Files.size(file);
    }

    @Override
    public Instant lastModified(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toInstant();
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw convertDiskFull(e, from);
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw convertDiskFull(e, directory);
        }
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        Collections.sort(entries);
        return entries;
    }

    /**
     * Converts the failure of a full disk, which the platform reports only in the message; returns
     * other failures unchanged.
     */
    static IOException convertDiskFull(IOException failure, Path path) {
        String words =
                failure instanceof FileSystemException fileSystem
                        ? fileSystem.getReason()
                        : failure.getMessage();
        boolean full =
                words != null
                        && (words.contains("No space left") || words.contains("quota exceeded"));
        return full
                ? new DiskFullException(
                        "the disk is full at " + path + ": free some space", failure)
                : failure;
    }
}
