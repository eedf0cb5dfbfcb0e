package io.millrace.metadata.snapshot;

import io.millrace.metadata.codec.CorruptMetadataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;

/** A reader of the chunks of a {@link SnapshotWriter}, after their checksums were verified. */
public final class SnapshotReader {

    private final Iterator<ByteBuffer> rest;
    private final long totalBytes;
    private ByteBuffer chunk = ByteBuffer.allocate(0);

    public SnapshotReader(List<ByteBuffer> pieces) {
        this.rest = pieces.iterator();
        this.totalBytes = pieces.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    private ByteBuffer next() {
        while (!chunk.hasRemaining()) {
            if (!rest.hasNext()) {
                throw new CorruptMetadataException("a checkpoint ends too early");
            }
            chunk = rest.next().order(ByteOrder.LITTLE_ENDIAN);
        }
        return chunk;
    }

    public int getInt() {
        return next().getInt();
    }

    /** Returns a number that is never negative, such as that of a partition. */
    public int getNumber() {
        int number = getInt();
        if (number < 0) {
            throw new CorruptMetadataException(
                    "a checkpoint contains the negative number " + number);
        }
        return number;
    }

    /** Returns the number of elements that follow, each of at least one byte. */
    public int getCount() {
        int count = getInt();
        if (count < 0 || count > totalBytes) {
            throw new CorruptMetadataException(
                    "a checkpoint of %d bytes contains the count %d".formatted(totalBytes, count));
        }
        return count;
    }

    public long getLong() {
        return next().getLong();
    }

    public String getString() {
        return new String(getBytes(), StandardCharsets.UTF_8);
    }

    public byte[] getBytes() {
        int count = getCount();
        return getBytes(count, count);
    }

    public byte[] getBytes(int count, int capacity) {
        byte[] values = new byte[capacity];
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, next().remaining());
            chunk.get(values, done, fits);
            done += fits;
        }
        return values;
    }

    public int[] getInts(int count, int capacity) {
        int[] values = new int[capacity];
        for (int done = 0; done < count; ) {
            int fits = requireWhole(Math.min(count - done, next().remaining() / Integer.BYTES));
            chunk.asIntBuffer().get(values, done, fits);
            chunk.position(chunk.position() + fits * Integer.BYTES);
            done += fits;
        }
        return values;
    }

    public long[] getLongs(int count, int capacity) {
        long[] values = new long[capacity];
        for (int done = 0; done < count; ) {
            int fits = requireWhole(Math.min(count - done, next().remaining() / Long.BYTES));
            chunk.asLongBuffer().get(values, done, fits);
            chunk.position(chunk.position() + fits * Long.BYTES);
            done += fits;
        }
        return values;
    }

    /** A chunk ends between two values, never within one. */
    private static int requireWhole(int values) {
        if (values == 0) {
            throw new CorruptMetadataException("a chunk of a checkpoint ends within a value");
        }
        return values;
    }
}
