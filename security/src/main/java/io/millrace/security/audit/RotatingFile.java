package io.millrace.security.audit;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that is renamed when it is full: FILE becomes FILE.1, FILE.1 becomes FILE.2, and the
 * oldest is deleted. Lines are never divided between files. The file can be read by its owner only.
 * A file that was renamed or deleted from outside is created again.
 */
public final class RotatingFile implements AuditSink {

    private static final FileAttribute<?>[] OWNER_ONLY = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    private final Path file;
    private final long maxBytes;
    private final int files;
    private @Nullable FileChannel open;
    private long sizeBytes;

    /**
     * Opens the file and continues at its end.
     *
     * @param maxBytes the size from which the file is renamed
     * @param files the number of files to keep, the current one included
     */
    public RotatingFile(Path file, long maxBytes, int files) throws IOException {
        this.file = file.toAbsolutePath();
        this.maxBytes = maxBytes;
        this.files = files;
        this.open = open();
    }

    @Override
    public void write(byte[] lines) throws IOException {
        FileChannel channel = current();
        ByteBuffer left = ByteBuffer.wrap(lines);
        while (left.hasRemaining()) {
            sizeBytes += channel.write(left);
        }
    }

    private FileChannel current() throws IOException {
        FileChannel channel = open;
        if (channel != null && (sizeBytes >= maxBytes || !Files.exists(file))) {
            close();
            channel = null;
            if (sizeBytes >= maxBytes) {
                rotate();
            }
        }
        if (channel == null) {
            channel = open();
            open = channel;
        }
        return channel;
    }

    private void rotate() throws IOException {
        for (int number = files - 1; number > 0; number--) {
            try {
                Files.move(numbered(number - 1), numbered(number), ATOMIC_MOVE);
            } catch (NoSuchFileException absent) {
                // Fewer files than the limit exist so far.
            }
        }
        if (files == 1) {
            Files.deleteIfExists(file);
        }
    }

    private Path numbered(int number) {
        return number == 0 ? file : file.resolveSibling(file.getFileName() + "." + number);
    }

    private FileChannel open() throws IOException {
        FileChannel channel = FileChannel.open(file, Set.of(CREATE, APPEND), OWNER_ONLY);
        sizeBytes = channel.size();
        return channel;
    }

    @Override
    public void close() throws IOException {
        FileChannel channel = open;
        open = null;
        if (channel != null) {
            channel.close();
        }
    }
}
