package io.millrace.security.file;

import io.millrace.runtime.loop.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is read again when it has changed. A file that becomes unreadable or invalid is
 * reported, and the last valid content stays in use. Any thread may read the content; checks run on
 * the worker, one at a time.
 */
public final class ReloadedFile<T> implements AutoCloseable {

    /** Interval between checks for a change: the maximum age of the content. */
    public static final Duration CHECK_INTERVAL = Duration.ofSeconds(5);

    /** Decodes the content; must not block. */
    @FunctionalInterface
    public interface Parser<T> {
        T parse(byte[] content) throws InvalidFileException;
    }

    /** Is notified of reloads. Called on the worker. */
    public interface Observer {
        void loaded(Path file);

        /**
         * Called at the first failure, and again when the reason changes.
         *
         * @param reason the sentence about the cause, without the content of the file
         */
        void failed(Path file, String reason);
    }

    /** The attributes that change with the content, also when a symbolic link is replaced. */
    private record Stamp(FileTime modified, long sizeBytes, String fileKey) {}

    private record Loaded<T>(T content, Stamp stamp, long version) {}

    private final Path file;
    private final int maxBytes;
    private final Parser<T> parser;
    private final Observer observer;
    private final EventLoop loop;
    private final Executor worker;
    private volatile Loaded<T> current;
    private volatile boolean closed;
    // Owned by the running check.
    private @Nullable String lastFailure;
    private @Nullable Stamp failedStamp;

    private ReloadedFile(
            Path file,
            int maxBytes,
            Parser<T> parser,
            Observer observer,
            EventLoop loop,
            Executor worker)
            throws IOException, InvalidFileException {
        this.file = file;
        this.maxBytes = maxBytes;
        this.parser = parser;
        this.observer = observer;
        this.loop = loop;
        this.worker = worker;
        Stamp stamp = stamp();
        this.current = new Loaded<>(parser.parse(read()), stamp, 0);
    }

    /**
     * Reads the file, and starts to check it for changes. Blocks.
     *
     * @param maxBytes the maximum size; a larger file is invalid
     * @param loop the timer of the checks
     * @param worker the executor of the checks, which may block
     */
    public static <T> ReloadedFile<T> open(
            Path file,
            int maxBytes,
            Parser<T> parser,
            Observer observer,
            EventLoop loop,
            Executor worker)
            throws IOException, InvalidFileException {
        ReloadedFile<T> opened = new ReloadedFile<>(file, maxBytes, parser, observer, loop, worker);
        observer.loaded(file);
        opened.scheduleCheck();
        return opened;
    }

    public T content() {
        return current.content();
    }

    /** Returns a number that changes with the content. */
    public long version() {
        return current.version();
    }

    @Override
    public void close() {
        closed = true;
    }

    private void scheduleCheck() {
        if (!closed) {
            var unused =
                    loop.schedule(CHECK_INTERVAL, () -> worker.execute(this::checkAndReschedule));
        }
    }

    private void checkAndReschedule() {
        try {
            check();
        } finally {
            scheduleCheck();
        }
    }

    private void check() {
        @Nullable Stamp stamp = null;
        try {
            stamp = stamp();
            if (stamp.equals(current.stamp()) || stamp.equals(failedStamp)) {
                return;
            }
            current = new Loaded<>(parser.parse(read()), stamp, current.version() + 1);
            failedStamp = null;
            lastFailure = null;
            observer.loaded(file);
        } catch (IOException unreadable) {
            report("it cannot be read (" + unreadable + ").");
        } catch (InvalidFileException invalid) {
            failedStamp = stamp;
            report(String.valueOf(invalid.getMessage()));
        }
    }

    private void report(String reason) {
        if (!reason.equals(lastFailure)) {
            lastFailure = reason;
            observer.failed(file, reason);
        }
    }

    private Stamp stamp() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(
                attributes.lastModifiedTime(),
                attributes.size(),
                String.valueOf(attributes.fileKey()));
    }

    private byte[] read() throws IOException, InvalidFileException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(maxBytes + 1);
            if (content.length > maxBytes) {
                throw new InvalidFileException("it is larger than %,d bytes.".formatted(maxBytes));
            }
            return content;
        }
    }
}
