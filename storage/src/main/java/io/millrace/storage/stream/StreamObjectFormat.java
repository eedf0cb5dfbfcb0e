package io.millrace.storage.stream;

import io.millrace.storage.object.ObjectStoreException.Corrupt;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Constants of version 1 of the stream object format, specified in docs/formats.md. */
public final class StreamObjectFormat {

    public static final int HEADER_BYTES = 16;

    /** Size of a page, the unit of the CRCs in the index. The last page may be shorter. */
    public static final int PAGE_BYTES = 64 * 1024;

    public static final int TRAILER_BYTES = 80;

    /** The only version that is written and read. */
    static final int VERSION = 1;

    /** The bytes {@code MILLRACE}. */
    static final long MAGIC = 0x4D494C4C52414345L;

    static final int RUN_BYTES = 40;

    static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private StreamObjectFormat() {}

    static byte[] header() {
        byte[] header = new byte[HEADER_BYTES];
        LONG.set(header, 0, MAGIC);
        INT.set(header, 8, VERSION);
        return header;
    }

    static long pageCount(long bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    }

    static Corrupt corrupt(ObjectId id, String what) {
        return new Corrupt(
                "stream object %s is corrupt: %s; restore the object from a copy of the bucket"
                        .formatted(id, what),
                null);
    }
}
