package io.millrace.fetch;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Whole record batches of one partition, one behind the other, as they are stored: nothing is
 * copied until they are written out, and their base offsets are set on the way. Immutable; keeps
 * the arrays it lies in alive.
 */
public final class BatchRun {

    /** No batches. */
    public static final BatchRun NONE = new BatchRun(List.of(), 0, 0);

    /**
     * Batches whose offsets follow each other without a gap.
     *
     * @param baseOffset of the first batch
     */
    record Part(long baseOffset, List<Slice> bytes) {}

    private final List<Part> parts;
    private final int sizeBytes;
    private final int batchCount;

    BatchRun(List<Part> parts, int sizeBytes, int batchCount) {
        this.parts = List.copyOf(parts);
        this.sizeBytes = sizeBytes;
        this.batchCount = batchCount;
    }

    /** How many bytes {@link #writeTo} writes. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** How many batches. */
    public int batchCount() {
        return batchCount;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return batchCount == 0;
    }

    /** Writes the batches with their base offsets set. Any thread; as often as one likes. */
    public void writeTo(OutputStream out) throws IOException {
        byte[] prefix = new byte[Long.BYTES];
        for (Part part : parts) {
            long offset = part.baseOffset();
            SliceCursor cursor = new SliceCursor(part.bytes());
            while (cursor.remaining() > 0) {
                int size = (int) cursor.batchBytes();
                long next = offset + cursor.offsetCount();
                BatchHeader.setBaseOffset(prefix, 0, offset);
                out.write(prefix, 0, prefix.length);
                cursor.skip(prefix.length);
                cursor.writeTo(out, size - prefix.length);
                offset = next;
            }
        }
    }

    /** A copy of the batches with their base offsets set. */
    public byte[] toByteArray() {
        byte[] bytes = new byte[sizeBytes];
        OutputStream into =
                new OutputStream() {
                    private int at;

                    @Override
                    public void write(int one) {
                        bytes[at++] = (byte) one;
                    }

                    @Override
                    public void write(byte[] from, int offset, int length) {
                        System.arraycopy(from, offset, bytes, at, length);
                        at += length;
                    }
                };
        try {
            writeTo(into);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return bytes;
    }
}
