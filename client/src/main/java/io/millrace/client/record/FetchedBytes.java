package io.millrace.client.record;

import com.google.protobuf.ByteString;
import io.millrace.protocol.batch.BackingArray;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** The consecutive batches of a partition in a response. Stateless. */
public final class FetchedBytes {

    private FetchedBytes() {}

    /**
     * Returns a zero-based buffer over the same memory, array-backed if possible, which saves a
     * copy.
     */
    public static ByteBuffer of(ByteString batches) {
        return BackingArray.of(batches).orElseGet(() -> batches.asReadOnlyByteBuffer().slice());
    }

    /**
     * Returns the offset after the last batch; empty unless all batches are complete by their
     * headers.
     */
    public static OptionalLong endOffset(ByteBuffer bytes) {
        OptionalLong end = OptionalLong.empty();
        int at = 0;
        while (at < bytes.limit()) {
            int length = ReadBatch.lengthAt(bytes, at);
            if (length < 0) {
                return OptionalLong.empty();
            }
            end = OptionalLong.of(ReadBatch.nextOffsetAt(bytes, at));
            at += length;
        }
        return end;
    }

    /** Returns the number of records from a position, as credits count them. */
    public static long recordsFrom(ByteBuffer bytes, long position) {
        long records = 0;
        int at = 0;
        while (at < bytes.limit()) {
            long base = bytes.getLong(at);
            long offsets = ReadBatch.nextOffsetAt(bytes, at) - Math.max(base, position);
            int count = ReadBatch.countAt(bytes, at);
            records += base < position ? Math.clamp(offsets, 0, count) : count;
            at += ReadBatch.lengthAt(bytes, at);
        }
        return records;
    }
}
