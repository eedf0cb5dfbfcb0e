package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.record.internal.CompressionType;

/** Batches of records that are numbers, each unique in a run. */
public final class SimulatedBatches {

    /** Small enough that all lengths and deltas are varints of one byte. */
    static final int MAX_RECORDS = 60;

    private static final int MIN_RECORD_BYTES = 7;

    /** Some values repeat the number, so that compression pays. */
    private static final int MAX_COPIES = 5;

    /** The number of a record with a value that was never sent. */
    private static final long BROKEN = -1;

    interface Records {
        void record(long offset, long value);
    }

    /** A consumer of records with their timestamps. */
    public interface TimedRecords {
        void record(long offset, long value, long timestampMs);
    }

    /** The producer id, its epoch and the base sequence of a batch. */
    public record Stamp(long producerId, short epoch, int sequence) {
        public static final Stamp NONE = new Stamp(-1, (short) -1, -1);

        /** A stamp in the first epoch of a producer. */
        public Stamp(long producerId, int sequence) {
            this(producerId, (short) 0, sequence);
        }
    }

    private SimulatedBatches() {}

    private static int copies(long value) {
        return value % 3 == 0 ? MAX_COPIES : 1;
    }

    public static ByteString batch(Stamp stamp, long timestampMs, long firstValue, int count) {
        int maxBytes = MIN_RECORD_BYTES + MAX_COPIES * Long.BYTES;
        ByteBuffer out = ByteBuffer.allocate(BatchHeader.BYTES + count * maxBytes);
        out.position(BatchHeader.BYTES);
        for (int i = 0; i < count; i++) {
            int valueBytes = copies(firstValue + i) * Long.BYTES;
            out.put((byte) (2 * (MIN_RECORD_BYTES - 1 + valueBytes)));
            out.put((byte) 0).put((byte) 0).put((byte) (2 * i)).put((byte) 1);
            out.put((byte) (2 * valueBytes)).put(value(firstValue + i)).put((byte) 0);
        }
        return completed(out, stamp, timestampMs, firstValue, count);
    }

    private static ByteBuffer value(long number) {
        ByteBuffer value = ByteBuffer.allocate(copies(number) * Long.BYTES);
        while (value.hasRemaining()) {
            value.putLong(number);
        }
        return value.flip();
    }

    /** Completes a batch after the space for the header. */
    static ByteString completed(
            ByteBuffer out, Stamp stamp, long timestampMs, long firstNumber, int count) {
        CompressionType codec = BatchCodecs.producerCodec(firstNumber);
        int recordBytes = out.position() - BatchHeader.BYTES;
        byte[] bytes =
                codec == CompressionType.NONE
                        ? Arrays.copyOf(out.array(), out.position())
                        : BatchCodecs.compressed(
                                codec, out.array(), BatchHeader.BYTES, recordBytes);
        BatchHeader.write(
                bytes,
                0,
                bytes.length,
                new BatchHeader.Fields(
                        codec.id,
                        count,
                        timestampMs,
                        timestampMs,
                        stamp.producerId(),
                        stamp.epoch(),
                        stamp.sequence()));
        return ByteString.copyFrom(bytes);
    }

    static ByteString recordSet(long timestampMs, long firstValue, int count) {
        RecordSet.Builder set = RecordSet.newBuilder();
        for (int i = 0; i < count; i++) {
            set.addRecords(
                    Record.newBuilder()
                            .setTimestampMs(timestampMs)
                            .setValue(ByteString.copyFrom(value(firstValue + i))));
        }
        return set.build().toByteString();
    }

    static void read(byte[] bytes, Records records) {
        int at = 0;
        while (at < bytes.length) {
            long base = BatchHeader.baseOffset(bytes, at);
            read(bytes, at, base, (offset, value, _) -> records.record(offset, value));
            at += (int) BatchHeader.sizeBytes(bytes, at);
        }
    }

    public static void read(byte[] bytes, int at, long base, TimedRecords records) {
        ByteBuffer in = BatchCodecs.records(bytes, at);
        for (int i = BatchHeader.recordCount(bytes, at); i > 0; i--) {
            int length = (int) varint(in);
            int next = in.position() + length;
            in.get();
            long timestampMs = BatchHeader.baseTimestampMs(bytes, at) + varint(in);
            if (BatchHeader.isLogAppendTime(bytes, at)) {
                timestampMs = BatchHeader.maxTimestampMs(bytes, at);
            }
            long delta = varint(in);
            int keyLength = Math.max(0, (int) varint(in));
            in.position(in.position() + keyLength);
            int valueLength = (int) varint(in);
            records.record(base + delta, number(in.slice(in.position(), valueLength)), timestampMs);
            in.position(next);
        }
    }

    private static long number(ByteBuffer value) {
        long number = value.getLong(0);
        return value.equals(value(number)) ? number : BROKEN;
    }

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
