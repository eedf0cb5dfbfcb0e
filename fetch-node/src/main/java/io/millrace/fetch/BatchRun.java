package io.millrace.fetch;

import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
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
     * Batches one behind the other.
     *
     * @param baseOffset of the first batch
     * @param hasOffsets whether all say where they begin; if not, each begins where the one before
     *     ends
     */
    record Part(long baseOffset, boolean hasOffsets, List<Slice> bytes) {

        private SliceCursor cursor() {
            return new SliceCursor(bytes, baseOffset, hasOffsets);
        }

        private void writeTo(OutputStream out, byte[] prefix) throws IOException {
            if (hasOffsets) {
                for (Slice slice : bytes) {
                    out.write(slice.array(), slice.offset(), slice.length());
                }
                return;
            }
            SliceCursor cursor = cursor();
            while (cursor.remaining() > 0) {
                cursor.writeBatch(out, prefix);
            }
        }

        private Part upTo(int length) {
            return new Part(baseOffset, hasOffsets, cursor().next(length));
        }
    }

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

    /**
     * Some batches from the start of a run.
     *
     * @param records of them that are at or behind the position
     * @param nextOffset of the record behind them
     */
    public record Portion(BatchRun batches, long records, long nextOffset) {}

    /**
     * The first batches, until there are so many records: the batch with the last of them is the
     * last. Only of a run that is not empty, and always at least one batch.
     *
     * @param position records of lower offsets do not count
     */
    public Portion upTo(long position, long records) {
        List<Part> taken = new ArrayList<>(parts.size());
        long counted = 0;
        int bytes = 0;
        int batches = 0;
        long offset = position;
        for (Part part : parts) {
            SliceCursor cursor = part.cursor();
            int length = 0;
            while (cursor.remaining() > 0 && (batches == 0 || counted < records)) {
                offset = cursor.endOffset();
                counted += Math.clamp(offset - position, 0, cursor.recordCount());
                length += (int) cursor.batchBytes();
                cursor.skipBatch();
                batches++;
            }
            bytes += length;
            if (cursor.remaining() > 0) {
                if (length > 0) {
                    taken.add(part.upTo(length));
                }
                return new Portion(new BatchRun(taken, bytes, batches), counted, offset);
            }
            taken.add(part);
        }
        return new Portion(this, counted, offset);
    }

    /** Writes the batches with their base offsets set. Any thread; as often as one likes. */
    public void writeTo(OutputStream out) throws IOException {
        byte[] prefix = new byte[Long.BYTES];
        for (Part part : parts) {
            part.writeTo(out, prefix);
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
