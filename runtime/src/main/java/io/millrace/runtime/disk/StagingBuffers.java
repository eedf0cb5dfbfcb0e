package io.millrace.runtime.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The direct buffers that all bytes pass through between the heap and the kernel. Given heap
 * buffers, the JDK would keep direct ones of the largest size it ever saw, for each thread and out
 * of sight of every budget. They begin at the address of a block. At most {@link #KEPT} are kept;
 * there are as many as threads doing I/O at the same time.
 */
final class StagingBuffers {

    /** The blocks of nearly all file systems, or a multiple of them. */
    static final int BLOCK_BYTES = 4096;

    static final int SIZE_BYTES = 512 << 10;
    private static final int KEPT = 16;

    private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(KEPT);

    /** An empty buffer, for the caller alone until it gives it back. */
    ByteBuffer take() {
        @Nullable ByteBuffer buffer = free.poll();
        return buffer != null
                ? buffer.clear()
                : ByteBuffer.allocateDirect(SIZE_BYTES + BLOCK_BYTES)
                        .alignedSlice(BLOCK_BYTES)
                        .limit(SIZE_BYTES)
                        .slice();
    }

    /**
     * Writes so many of the bytes that remain, at the channel's position.
     *
     * @param content must have as many; its positions move on
     * @param unitBytes what is written is filled up with zeros to a multiple of this; it divides a
     *     block
     */
    void write(FileChannel channel, List<ByteBuffer> content, long sizeBytes, int unitBytes)
            throws IOException {
        ByteBuffer buffer = take();
        try {
            long left = sizeBytes;
            for (ByteBuffer piece : content) {
                while (left > 0 && piece.hasRemaining()) {
                    left -= move(piece, buffer, left);
                    if (!buffer.hasRemaining()) {
                        flush(channel, buffer);
                    }
                }
            }
            while (buffer.position() % unitBytes != 0) {
                buffer.put((byte) 0);
            }
            flush(channel, buffer);
        } finally {
            release(buffer);
        }
    }

    private static int move(ByteBuffer from, ByteBuffer to, long maxBytes) {
        int count = (int) Math.min(maxBytes, Math.min(from.remaining(), to.remaining()));
        to.put(to.position(), from, from.position(), count);
        to.position(to.position() + count);
        from.position(from.position() + count);
        return count;
    }

    private static void flush(FileChannel channel, ByteBuffer buffer) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    void release(ByteBuffer buffer) {
        // With enough of them kept, this one is left to the garbage collector.
        boolean unused = free.offer(buffer);
    }
}
