package io.millrace.storage.disk;

import java.nio.ByteBuffer;
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

    /** Moves bytes of the piece into the buffer until one of them has no more. */
    static void fill(ByteBuffer buffer, ByteBuffer piece) {
        int count = Math.min(piece.remaining(), buffer.remaining());
        buffer.put(buffer.position(), piece, piece.position(), count);
        buffer.position(buffer.position() + count);
        piece.position(piece.position() + count);
    }

    void giveBack(ByteBuffer buffer) {
        // With enough of them kept, this one is left to the garbage collector.
        boolean unused = free.offer(buffer);
    }
}
