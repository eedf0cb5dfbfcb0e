package io.millrace.ingest.block;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Memory of an open block: copies batches one behind the other into segments. Segments begin small,
 * so that a block of few batches costs little, and double up to one that just fits a region of 1
 * MiB of the garbage collector; the last is cut to what the block still expects. What would waste
 * much of a segment gets an array of its own.
 *
 * <p>A copy is staged first; unless it is kept, the next one takes its place.
 */
final class BlockArena {

    private static final int ARRAY_HEADER_BYTES = 16;
    private static final int FIRST_SEGMENT_BYTES = 16 * 1024;
    private static final int LARGEST_SEGMENT_BYTES = 1024 * 1024 - ARRAY_HEADER_BYTES;

    private final long expectedBytes;
    private byte @Nullable [] segment;
    private int used;
    private byte[] staged = new byte[0];
    private int stagedAt;
    private int stagedLength;
    private long keptBytes;
    private long memoryBytes;

    /**
     * @param expectedBytes of all batches together; there may be more or fewer
     */
    BlockArena(long expectedBytes) {
        this.expectedBytes = expectedBytes;
    }

    /** Copies the bytes to {@link #stagedArray}, from {@link #stagedAt} on. */
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

    /** Keeps what is staged: it is not written over any more. */
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

    /** Bytes of all arrays, full or not. */
    long memoryBytes() {
        return memoryBytes;
    }

    private int nextSegmentBytes(byte @Nullable [] current) {
        if (current == null) {
            return FIRST_SEGMENT_BYTES;
        }
        int doubled = Math.min(2 * current.length, LARGEST_SEGMENT_BYTES);
        // With this one: the batch that reaches what is expected may go past it.
        long missing = expectedBytes - keptBytes + stagedLength;
        return (int) Math.min(doubled, Math.max(missing, FIRST_SEGMENT_BYTES));
    }
}
