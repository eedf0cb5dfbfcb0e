package io.millrace.fetch;

import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of consecutive whole record batches of one partition, as stored. Bytes are not copied until
 * they are written; base offsets are set during the write. Immutable; keeps the underlying arrays
 * reachable.
 */
public final class BatchRun {

    public static final BatchRun EMPTY = new BatchRun(List.of(), 0, 0);

    /**
     * Consecutive batches of one run.
     *
     * @param baseOffset the base offset of the first batch
     * @param hasOffsets whether each batch stores its base offset; otherwise a batch begins where
     *     its predecessor ends
     */
    record RunPart(long baseOffset, boolean hasOffsets, List<Slice> bytes) {

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

        private RunPart prefix(int length) {
            return new RunPart(baseOffset, hasOffsets, cursor().next(length));
        }
    }

    private final List<RunPart> parts;
    private final int sizeBytes;
    private final int batchCount;

    BatchRun(List<RunPart> parts, int sizeBytes, int batchCount) {
        this.parts = List.copyOf(parts);
        this.sizeBytes = sizeBytes;
        this.batchCount = batchCount;
    }

    /** Returns the number of bytes that {@link #writeTo} writes. */
    public int sizeBytes() {
        return sizeBytes;
    }

    public int batchCount() {
        return batchCount;
    }

    public boolean isEmpty() {
        return batchCount == 0;
    }

    /**
     * A prefix of a run.
     *
     * @param records the number of its records at or above the position
     * @param nextOffset the offset after its last record
     */
    public record RunPrefix(BatchRun batches, long records, long nextOffset) {}

    /**
     * Returns the shortest prefix with at least the given number of records, at least one batch.
     * The run must not be empty.
     *
     * @param position the first offset that counts; records below are ignored
     */
    public RunPrefix prefix(long position, long records) {
        List<RunPart> taken = new ArrayList<>(parts.size());
        long counted = 0;
        int bytes = 0;
        int batches = 0;
        long offset = position;
        for (RunPart part : parts) {
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
                    taken.add(part.prefix(length));
                }
                return new RunPrefix(new BatchRun(taken, bytes, batches), counted, offset);
            }
            taken.add(part);
        }
        return new RunPrefix(this, counted, offset);
    }

    /** Writes the batches with their base offsets set. Any thread; repeatable. */
    public void writeTo(OutputStream out) throws IOException {
        byte[] prefix = new byte[Long.BYTES];
        for (RunPart part : parts) {
            part.writeTo(out, prefix);
        }
    }

    /** Returns a copy of the batches with their base offsets set. */
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
