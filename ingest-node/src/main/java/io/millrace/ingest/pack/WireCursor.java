package io.millrace.ingest.pack;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.protocol.batch.BackingArray;

/**
 * A position in protobuf wire format, read without object allocation. Reads throw {@link Malformed}
 * for invalid bytes. Not thread-safe.
 */
final class WireCursor {

    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final byte[] array;
    private int at;
    private int end;

    private WireCursor(byte[] array, int at, int end) {
        this.array = array;
        this.at = at;
        this.end = end;
    }

    /** Returns a cursor at the start; copies the bytes only if not in a single array. */
    static WireCursor over(ByteString bytes) {
        return BackingArray.of(bytes)
                .map(found ->
                        new WireCursor(
                                found.array(),
                                found.arrayOffset(),
                                found.arrayOffset() + found.limit()))
                .orElseGet(() -> new WireCursor(bytes.toByteArray(), 0, bytes.size()));
    }

    byte[] array() {
        return array;
    }

    int at() {
        return at;
    }

    /** Moves to a position; {@code newEnd} bounds reads from there. */
    void moveTo(int newAt, int newEnd) {
        at = newAt;
        end = newEnd;
    }

    boolean atEnd() {
        return at == end;
    }

    int end() {
        return end;
    }

    int readTag() {
        long tag = readVarint();
        if (tag >>> 3 == 0 || tag >>> 32 != 0) {
            throw new Malformed("illegal tag");
        }
        return (int) tag;
    }

    long readVarint() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (at == end) {
                throw new Malformed("cut off");
            }
            byte b = array[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new Malformed("a varint of more than 10 bytes");
    }

    /** Reads a length and checks that the bytes are present. */
    int readLength() {
        long length = readVarint();
        if (length < 0 || length > end - at) {
            throw new Malformed("a field that is longer than its message");
        }
        return (int) length;
    }

    void skipBytes(int length) {
        at += length;
    }

    void skipField(int tag) {
        switch (tag & 7) {
            case VARINT -> readVarint();
            case FIXED64 -> skipFixed(8);
            case LENGTH_DELIMITED -> skipBytes(readLength());
            case FIXED32 -> skipFixed(4);
            default -> throw new Malformed("illegal wire type " + (tag & 7));
        }
    }

    private void skipFixed(int length) {
        if (length > end - at) {
            throw new Malformed("cut off");
        }
        at += length;
    }

    void checkUtf8(int length) {
        for (int i = at; i < at + length; i++) {
            if (array[i] < 0) {
                if (!UnsafeByteOperations.unsafeWrap(array, at, length).isValidUtf8()) {
                    throw new Malformed("a header's key that is not UTF-8");
                }
                return;
            }
        }
    }
}
