package io.millrace.fetch;

import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of consecutive record batches of one partition, as stored. Base offsets are set on write.
 * Immutable; retains the underlying arrays.
 */
public final class BatchRun {

    public static final BatchRun EMPTY = new BatchRun(List.of(), 0, 0);

    /** A part of a run. Unless {@code hasOffsets}, a batch begins where its predecessor ends. */
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
     * @param records the number of records at or above the position
     */
    public record RunPrefix(BatchRun batches, long records, long nextOffset) {}

    /**
     * Returns the shortest prefix with the given number of records, but at least one batch. Records
     * below {@code position} do not count. The run must not be empty.
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

    /**
     * Returns whether a batch is compressed with the codec, in time proportional to the batches.
     */
    public boolean uses(CompressionCodec codec) {
        for (RunPart part : parts) {
            SliceCursor cursor = part.cursor();
            while (cursor.remaining() > 0) {
                if (cursor.compression() == codec.id()) {
                    return true;
                }
                cursor.skipBatch();
            }
        }
        return false;
    }

    /** Writes the batches with their base offsets. Any thread; repeatable. */
    public void writeTo(OutputStream out) throws IOException {
        byte[] prefix = new byte[Long.BYTES];
        for (RunPart part : parts) {
            part.writeTo(out, prefix);
        }
    }

    public byte[] toByteArray() {
        byte[] bytes = new byte[sizeBytes];
        OutputStream into =
                new OutputStream() {
                    private int at;

                    @Override
                    public void write(int value) {
                        bytes[at++] = (byte) value;
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
