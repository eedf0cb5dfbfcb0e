package io.millrace.runtime.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A pool of direct buffers for copies between heap and kernel, aligned to blocks, with up to {@link
 * #MAX_IDLE} idle buffers. For heap buffers, the JDK would cache direct buffers per thread, outside
 * of any budget.
 */
final class StagingBuffers {

    /** The block size of nearly all file systems, or a multiple. */
    static final int BLOCK_BYTES = 4096;

    static final int SIZE_BYTES = 512 << 10;
    private static final int MAX_IDLE = 16;

    private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(MAX_IDLE);

    /** Returns an empty buffer, owned by the caller until {@link #release}. */
    ByteBuffer acquire() {
        @Nullable ByteBuffer buffer = free.poll();
        return buffer != null
                ? buffer.clear()
                : ByteBuffer.allocateDirect(SIZE_BYTES + BLOCK_BYTES)
                        .alignedSlice(BLOCK_BYTES)
                        .limit(SIZE_BYTES)
                        .slice();
    }

    /**
     * Writes at the channel's position.
     *
     * @param content at least {@code sizeBytes} remaining bytes; positions advance
     * @param unitBytes a divisor of the block size; zeros pad the output to a multiple
     */
    void write(FileChannel channel, List<ByteBuffer> content, long sizeBytes, int unitBytes)
            throws IOException {
        ByteBuffer buffer = acquire();
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
        // If the pool is full, the garbage collector frees this buffer.
        boolean unused = free.offer(buffer);
    }
}
