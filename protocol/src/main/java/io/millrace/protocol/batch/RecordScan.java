package io.millrace.protocol.batch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * A scan of the decompressed records of one batch that checks their structure. Skips keys, values
 * and headers, so that memory does not depend on the lengths that the records claim. One thread.
 */
public final class RecordScan {

    /** The records cannot be decoded. */
    public static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** The records have more bytes than the limit. */
    public static final class LimitExceededException extends IOException {
        private static final long serialVersionUID = 1L;

        LimitExceededException(String message) {
            super(message);
        }
    }

    /**
     * The maximum size of a decompressed record that a server keeps in memory, more than the
     * largest batch of any topic.
     */
    public static final int MAX_RECORD_BYTES = 16 << 20;

    private final InputStream in;
    private final long maxBytes;
    private final byte[] buffer = new byte[8 << 10];
    private int at;
    private int limit;
    private long pulledBytes;
    private int remaining;
    private long timestampDelta;
    private int offsetDelta;
    private boolean hasKey;
    private int sizeBytes;

    /**
     * @param in the decompressed records, which the caller closes
     * @param count the number of records in the header of the batch
     * @param maxBytes the number of bytes after which the scan fails
     */
    public RecordScan(InputStream in, int count, long maxBytes) {
        this.in = in;
        this.remaining = count;
        this.maxBytes = maxBytes;
    }

    /**
     * Moves to the next record. Returns false at the end of the batch.
     *
     * @throws MalformedException if the record or the end of the batch is malformed
     * @throws LimitExceededException after the maximum number of bytes
     */
    public boolean next() throws IOException {
        if (remaining <= 0) {
            if (at < limit || fill()) {
                throw new MalformedException("bytes follow the last record");
            }
            return false;
        }
        remaining--;
        sizeBytes = varint();
        long end = position() + sizeBytes;
        skip(1);
        timestampDelta = varlong();
        offsetDelta = varint();
        hasKey = skipNullable();
        skipNullable();
        int headers = length();
        for (int header = 0; header < headers; header++) {
            skip(length());
            skipNullable();
        }
        if (position() != end) {
            throw new MalformedException("the length of a record is not that of its fields");
        }
        return true;
    }

    /** Returns milliseconds relative to the base timestamp of the batch. */
    public long timestampDelta() {
        return timestampDelta;
    }

    public int offsetDelta() {
        return offsetDelta;
    }

    public boolean hasKey() {
        return hasKey;
    }

    /** Returns the size of the decompressed record. */
    public int sizeBytes() {
        return sizeBytes;
    }

    private long position() {
        return pulledBytes - (limit - at);
    }

    /** Skips bytes with a length; returns false for null. */
    private boolean skipNullable() throws IOException {
        int length = varint();
        if (length < -1) {
            throw new MalformedException("a negative length");
        }
        skip(Math.max(0, length));
        return length >= 0;
    }

    private int length() throws IOException {
        int length = varint();
        if (length < 0) {
            throw new MalformedException("a negative length or count");
        }
        return length;
    }

    private int varint() throws IOException {
        long value = varlong();
        if (value != (int) value) {
            throw new MalformedException("a number of more than 32 bits");
        }
        return (int) value;
    }

    private long varlong() throws IOException {
        long raw = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = read();
            raw |= (long) (next & 0x7f) << shift;
            if ((next & 0x80) == 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new MalformedException("a number of more than 10 bytes");
    }

    private int read() throws IOException {
        if (at == limit && !fill()) {
            throw new EOFException("the records end too early");
        }
        return buffer[at++];
    }

    private void skip(int bytes) throws IOException {
        for (int left = bytes; left > 0; ) {
            if (at == limit && !fill()) {
                throw new EOFException("the records end too early");
            }
            int part = Math.min(left, limit - at);
            at += part;
            left -= part;
        }
    }

    private boolean fill() throws IOException {
        at = 0;
        limit = Math.max(0, in.read(buffer, 0, buffer.length));
        pulledBytes += limit;
        if (pulledBytes > maxBytes) {
            throw new LimitExceededException(
                    "the records decompress to more than %d bytes".formatted(maxBytes));
        }
        return limit > 0;
    }
}
