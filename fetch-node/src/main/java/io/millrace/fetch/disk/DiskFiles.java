package io.millrace.fetch.disk;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.disk.Disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reads and writes chunk files. Methods block; calls for different files may run concurrently. */
final class DiskFiles {

    record ListedFile(ChunkKey key, long bytes, Instant modified) {}

    sealed interface FileReadResult {
        record ValidChunk(Chunk chunk) implements FileReadResult {}

        record Damaged() implements FileReadResult {}

        record Absent() implements FileReadResult {}

        record Failed(IOException failure) implements FileReadResult {}
    }

    sealed interface FileWriteResult {
        record Done() implements FileWriteResult {}

        /** A failed deletion or write; {@code clean} if no part of the new file is left. */
        record Failed(IOException failure, int deleted, boolean clean) implements FileWriteResult {}
    }

    private final Disk disk;
    private final Path folder;
    private final ChunkFile format;

    DiskFiles(Disk disk, Path folder, ChunkFile format) {
        this.disk = disk;
        this.folder = folder;
        this.format = format;
    }

    /** Returns all chunk files, oldest first. The content is not read. */
    List<ListedFile> list() throws IOException {
        if (!disk.exists(folder)) {
            disk.createDirectories(folder);
        }
        List<ListedFile> all = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            Optional<ChunkKey> key = ChunkFile.key(String.valueOf(path.getFileName()));
            if (key.isPresent()) {
                all.add(new ListedFile(key.get(), disk.size(path), disk.lastModified(path)));
            }
        }
        all.sort(Comparator.comparing(ListedFile::modified));
        return all;
    }

    FileReadResult read(ChunkKey key, int length) {
        try {
            byte[] file = disk.read(path(key), 0, format.size(length));
            Optional<Chunk> chunk = format.decode(key, length, file);
            return chunk.isPresent()
                    ? new FileReadResult.ValidChunk(chunk.get())
                    : new FileReadResult.Damaged();
        } catch (NoSuchFileException gone) {
            return new FileReadResult.Absent();
        } catch (EOFException torn) {
            return new FileReadResult.Damaged();
        } catch (IOException failure) {
            return new FileReadResult.Failed(failure);
        }
    }

    /** Deletes the victims, then writes a file. */
    FileWriteResult replace(List<ChunkKey> victims, ChunkKey key, Chunk chunk) {
        int deleted = 0;
        try {
            for (ChunkKey victim : victims) {
                disk.delete(path(victim));
                deleted++;
            }
            List<ByteBuffer> content = format.encode(key, chunk);
            // Not synced, because a torn file fails its checksums and the bucket holds the data.
            try (DiskFile file = create(path(key))) {
                file.write(content);
            }
            return new FileWriteResult.Done();
        } catch (IOException failure) {
            boolean clean = deleted < victims.size() || tryDelete(key);
            return new FileWriteResult.Failed(failure, deleted, clean);
        }
    }

    private DiskFile create(Path path) throws IOException {
        try {
            return disk.create(path);
        } catch (NoSuchFileException noFolder) {
            // An operator may clear the cache by deleting its folder.
            disk.createDirectories(folder);
            return disk.create(path);
        }
    }

    /** Deletes files. After a failure, remaining files are found at the next startup. */
    void delete(List<ChunkKey> keys) throws IOException {
        for (ChunkKey key : keys) {
            disk.delete(path(key));
        }
    }

    private boolean tryDelete(ChunkKey key) {
        try {
            disk.delete(path(key));
            return true;
        } catch (IOException again) {
            return false;
        }
    }

    private Path path(ChunkKey key) {
        return folder.resolve(ChunkFile.name(key));
    }
}
