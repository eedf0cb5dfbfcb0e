package io.millrace.runtime.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** A file of {@link SystemDisk}. One thread at a time. */
final class SystemFile implements Disk.DiskFile {

    private final Path path;
    private final FileChannel channel;
    private final StagingBuffers staging;

    SystemFile(Path path, FileChannel channel, StagingBuffers staging) {
        this.path = path;
        this.channel = channel;
        this.staging = staging;
    }

    @Override
    public void write(List<ByteBuffer> bytes) throws IOException {
        write(channel.size(), bytes);
    }

    @Override
    public void write(long position, List<ByteBuffer> bytes) throws IOException {
        try {
            staging.write(channel.position(position), bytes, SystemDisk.sizeBytes(bytes), 1);
        } catch (IOException e) {
            throw SystemDisk.convertDiskFull(e, path);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void sync() throws IOException {
        try {
            // Without the access times; the size counts as content.
            channel.force(false);
        } catch (IOException e) {
            throw SystemDisk.convertDiskFull(e, path);
        }
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
