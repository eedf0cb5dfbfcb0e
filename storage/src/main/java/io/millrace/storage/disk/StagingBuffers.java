package io.millrace.storage.disk;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The direct buffers that all bytes pass through between the heap and the kernel. Given heap
 * buffers, the JDK would keep direct ones of the largest size it ever saw, for each thread and out
 * of sight of every budget. At most {@link #KEPT} are kept; there are as many as threads doing I/O
 * at the same time.
 */
final class StagingBuffers {

    static final int SIZE_BYTES = 256 << 10;
    private static final int KEPT = 16;

    private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(KEPT);

    /** An empty buffer, for the caller alone until it gives it back. */
    ByteBuffer take() {
        @Nullable ByteBuffer buffer = free.poll();
        return buffer != null ? buffer.clear() : ByteBuffer.allocateDirect(SIZE_BYTES);
    }

    void giveBack(ByteBuffer buffer) {
        // With enough of them kept, this one is left to the garbage collector.
        boolean unused = free.offer(buffer);
    }
}
