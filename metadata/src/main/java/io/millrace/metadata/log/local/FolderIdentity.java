package io.millrace.metadata.log.local;

import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.LogIdentity;
import io.millrace.metadata.log.LogException;
import io.millrace.runtime.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The identity of a cluster as a file in the folder of its local log. Blocks; the returned futures
 * are complete. The caller holds the {@link FolderLock}.
 */
public final class FolderIdentity implements LogIdentity {

    private final Disk disk;
    private final Path folder;
    private final Path file;

    public FolderIdentity(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
        this.file = folder.resolve("identity");
    }

    private interface DiskAccess<T> {
        T run() throws IOException;
    }

    private <T> CompletableFuture<T> attempt(DiskAccess<T> access) {
        try {
            return CompletableFuture.completedFuture(access.run());
        } catch (IOException failure) {
            return CompletableFuture.failedFuture(
                    new LogException.Unavailable(
                            "The metadata log in %s cannot be read: %s"
                                    .formatted(folder, failure.getMessage()),
                            failure));
        } catch (LogException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    @Override
    public CompletableFuture<Held> read() {
        return attempt(() -> {
            boolean empty =
                    !new ManifestFile(disk, folder).exists()
                            && new EpochFiles(disk, folder).areEmpty();
            return new Held(id(), empty);
        });
    }

    private Optional<ClusterId> id() throws IOException {
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        Optional<ClusterId> id = ClusterId.parse(disk.read(file, 0, (int) disk.size(file)));
        if (id.isEmpty()) {
            throw new LogException.Corrupt(
                    file + " is corrupt. Restore the file or the whole folder from a copy.", null);
        }
        return id;
    }

    @Override
    public CompletableFuture<Void> putIfAbsent(ClusterId id) {
        return attempt(
                        () -> {
                            boolean absent = !disk.exists(file);
                            if (absent) {
                                disk.createDirectories(folder);
                                Path temporary = folder.resolve("identity.new");
                                disk.write(temporary, List.of(ByteBuffer.wrap(id.toBytes())));
                                disk.move(temporary, file);
                                disk.syncDirectory(folder);
                            }
                            return absent;
                        })
                .thenAccept(written -> {});
    }
}
