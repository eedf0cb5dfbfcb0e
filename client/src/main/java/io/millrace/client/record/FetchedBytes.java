package io.millrace.client.record;

import com.google.protobuf.ByteString;
import io.millrace.protocol.batch.BackingArray;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** The batches of one partition in an answer, one behind the other. Keeps no state. */
public final class FetchedBytes {

    private FetchedBytes() {}

    /**
     * A buffer from zero on over the same memory. If it can be had it has an array, which spares
     * those who write values a copy.
     */
    public static ByteBuffer of(ByteString batches) {
        return BackingArray.of(batches).orElseGet(() -> batches.asReadOnlyByteBuffer().slice());
    }

    /**
     * Offset behind the last batch; empty if they are not whole batches, of which it looks at the
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

    /** Records in whole batches as a credit counts them, for a reader that is at a position. */
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
