package io.millrace.ingest.block;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The memory of an open block: copies batches one after another into array segments. Segments
 * double up to the size that fits a 1 MiB region of the garbage collector. A batch that would waste
 * much of a segment has its own array.
 *
 * <p>A copy is staged first; unless kept, the next copy overwrites it.
 */
final class BlockArena {

    private static final int ARRAY_HEADER_BYTES = 16;
    private static final int FIRST_SEGMENT_BYTES = 16 * 1024;
    private static final int MAX_SEGMENT_BYTES = 1024 * 1024 - ARRAY_HEADER_BYTES;

    private final long expectedBytes;
    private byte @Nullable [] segment;
    private int used;
    private byte[] staged = new byte[0];
    private int stagedAt;
    private int stagedLength;
    private long keptBytes;
    private long memoryBytes;

    /**
     * @param expectedBytes the expected size of all batches
     */
    BlockArena(long expectedBytes) {
        this.expectedBytes = expectedBytes;
    }

    /** Copies the bytes to {@link #stagedArray}, starting at {@link #stagedAt}. */
    void stage(ByteString bytes) {
        stagedLength = bytes.size();
        byte[] current = segment;
        if (current == null || stagedLength > current.length - used) {
            int next = nextSegmentBytes(current);
            if (stagedLength > next / 4) {
                staged = new byte[stagedLength];
                stagedAt = 0;
                bytes.copyTo(staged, 0);
                return;
            }
            current = new byte[next];
            segment = current;
            used = 0;
            memoryBytes += next + ARRAY_HEADER_BYTES;
        }
        staged = current;
        stagedAt = used;
        bytes.copyTo(staged, stagedAt);
    }

    void keep() {
        if (staged == segment) {
            used += stagedLength;
        } else {
            memoryBytes += stagedLength + ARRAY_HEADER_BYTES;
        }
        keptBytes += stagedLength;
    }

    byte[] stagedArray() {
        return staged;
    }

    int stagedAt() {
        return stagedAt;
    }

    long memoryBytes() {
        return memoryBytes;
    }

    private int nextSegmentBytes(byte @Nullable [] current) {
        if (current == null) {
            return FIRST_SEGMENT_BYTES;
        }
        int doubled = Math.min(2 * current.length, MAX_SEGMENT_BYTES);
        // Includes the staged batch, which may exceed the expected size.
        long missing = expectedBytes - keptBytes + stagedLength;
        return (int) Math.min(doubled, Math.max(missing, FIRST_SEGMENT_BYTES));
    }
}
