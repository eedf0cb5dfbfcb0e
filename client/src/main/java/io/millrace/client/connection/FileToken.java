package io.millrace.client.connection;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The token in a file, which is checked for changes at most once a second. Thread-safe. */
final class FileToken implements TokenSource {

    private static final long CHECK_NANOS = Duration.ofSeconds(1).toNanos();

    /** The attributes that change with the content, also when a symbolic link is replaced. */
    private record Stamp(FileTime modified, long sizeBytes, String fileKey) {}

    private final Path file;
    private final LongSupplier nanoTime;
    private String token;
    private @Nullable Stamp stamp;
    private long checkedNanos;

    FileToken(Path file, LongSupplier nanoTime) {
        this.file = file;
        this.nanoTime = nanoTime;
        this.checkedNanos = nanoTime.getAsLong();
        try {
            this.stamp = stamp();
            this.token = read();
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "the token file %s cannot be read (%s)".formatted(file, unreadable));
        } catch (IllegalArgumentException illegal) {
            throw new IllegalArgumentException(
                    "the token file %s is not usable: %s".formatted(file, illegal.getMessage()));
        }
    }

    @Override
    public synchronized String token() {
        long nowNanos = nanoTime.getAsLong();
        if (nowNanos - checkedNanos >= CHECK_NANOS) {
            checkedNanos = nowNanos;
            reload();
        }
        return token;
    }

    private void reload() {
        try {
            Stamp now = stamp();
            if (!now.equals(stamp)) {
                token = read();
                stamp = now;
            }
        } catch (IOException | IllegalArgumentException beingReplaced) {
            // Checked again later; if the last token has expired, the server's error names it.
        }
    }

    private Stamp stamp() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(
                attributes.lastModifiedTime(),
                attributes.size(),
                String.valueOf(attributes.fileKey()));
    }

    private String read() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BearerTokens.MAX_CHARS + 2);
            return BearerTokens.legal(new String(bytes, StandardCharsets.UTF_8).strip());
        }
    }

    @Override
    public String toString() {
        return "FileToken[" + file + "]";
    }
}
