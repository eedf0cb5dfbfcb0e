package io.millrace.simulation;

import com.google.protobuf.ByteString;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import java.nio.ByteBuffer;

/** Batches whose records are numbers: each is in the whole simulation only once. */
final class Batches {

    /** So that all lengths and deltas are varints of one byte. */
    static final int MOST_RECORDS = 60;

    private static final int RECORD_BYTES = 15;

    /** Hears of records. */
    interface Records {
        void record(long offset, long value);
    }

    /** Who wrote a batch. */
    record Stamp(long producerId, int sequence) {
        static final Stamp NONE = new Stamp(-1, -1);
    }

    private Batches() {}

    /** A batch of consecutive numbers. */
    static ByteString batch(Stamp stamp, long timestampMs, long firstValue, int count) {
        byte[] bytes = new byte[BatchHeader.BYTES + count * RECORD_BYTES];
        ByteBuffer out = ByteBuffer.wrap(bytes).position(BatchHeader.BYTES);
        for (int i = 0; i < count; i++) {
            out.put((byte) (2 * (RECORD_BYTES - 1)));
            out.put((byte) 0).put((byte) 0).put((byte) (2 * i)).put((byte) 1);
            out.put((byte) (2 * Long.BYTES)).putLong(firstValue + i).put((byte) 0);
        }
        return finished(out, stamp, timestampMs, count);
    }

    /** A batch of records that were written behind the place of its header. */
    static ByteString finished(ByteBuffer out, Stamp stamp, long timestampMs, int count) {
        BatchHeader.write(
                out.array(),
                0,
                out.position(),
                new BatchHeader.Fields(
                        0,
                        count,
                        timestampMs,
                        timestampMs,
                        stamp.producerId(),
                        (short) (stamp.producerId() < 0 ? -1 : 0),
                        stamp.sequence()));
        return ByteString.copyFrom(out.array(), 0, out.position());
    }

    /** The same numbers as records that a node packs. */
    static ByteString recordSet(long timestampMs, long firstValue, int count) {
        RecordSet.Builder set = RecordSet.newBuilder();
        for (int i = 0; i < count; i++) {
            ByteBuffer value = ByteBuffer.allocate(Long.BYTES).putLong(0, firstValue + i);
            set.addRecords(
                    Record.newBuilder()
                            .setTimestampMs(timestampMs)
                            .setValue(ByteString.copyFrom(value)));
        }
        return set.build().toByteString();
    }

    /** Reads uncompressed batches as a fetch delivers them. */
    static void read(byte[] bytes, Records records) {
        int at = 0;
        while (at < bytes.length) {
            long base = BatchHeader.baseOffset(bytes, at);
            int end = at + (int) BatchHeader.sizeBytes(bytes, at);
            ByteBuffer in = ByteBuffer.wrap(bytes, 0, end).position(at + BatchHeader.BYTES);
            for (int i = BatchHeader.recordCount(bytes, at); i > 0; i--) {
                int length = (int) varint(in);
                int next = in.position() + length;
                in.get();
                varint(in);
                long delta = varint(in);
                int keyLength = Math.max(0, (int) varint(in));
                in.position(in.position() + keyLength);
                varint(in);
                records.record(base + delta, in.getLong());
                in.position(next);
            }
            at = end;
        }
    }

    /** The next number of a record. */
    static long varint(ByteBuffer in) {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get();
            value |= (next & 0x7FL) << shift;
            shift += 7;
        } while (next < 0);
        return (value >>> 1) ^ -(value & 1);
    }
}
