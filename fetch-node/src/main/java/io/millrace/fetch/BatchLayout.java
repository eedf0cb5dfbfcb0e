package io.millrace.fetch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The fields of a record batch's header that serving needs; docs/formats.md has all of them. */
final class BatchLayout {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    static final int BATCH_LENGTH = 8;
    static final int LAST_OFFSET_DELTA = 23;
    static final int MAX_TIMESTAMP = 35;
    static final int HEADER_BYTES = 61;

    /** What the field for the batch's length does not count. */
    private static final int BEFORE_LENGTH_COUNTS = 12;

    private BatchLayout() {}

    /** Bytes of the batch whose header begins at the cursor; less than a header if damaged. */
    static int sizeAt(SliceCursor cursor) {
        return cursor.intAt(BATCH_LENGTH) + BEFORE_LENGTH_COUNTS;
    }

    /** Offsets that the batch at the cursor takes. */
    static long offsetCountAt(SliceCursor cursor) {
        return cursor.intAt(LAST_OFFSET_DELTA) + 1L;
    }

    static void putLong(byte[] target, long value) {
        LONG.set(target, 0, value);
    }
}
