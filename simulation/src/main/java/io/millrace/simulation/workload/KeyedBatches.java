package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.v1.Header;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Batches of records with keys. A record is a number, which determines its content. */
public final class KeyedBatches {

    private static final int VALUES_PER_TOMBSTONE = 3;

    private static final int RECORDS_PER_KEY = 30;

    private static final int MAX_KEYS = 127;

    private static final String NAME = "n";

    /** Attributes, timestamp delta, offset delta, key, value length, and a header. */
    private static final int MIN_BODY_BYTES = 3 + 2 + 1 + 1 + 1 + 1 + 1 + Long.BYTES;

    /**
     * @param isAsSent whether key and value belong to the number
     */
    public record ParsedRecord(long offset, long number, long timestampMs, boolean isAsSent) {}

    /**
     * @param horizonMs the delete horizon; -1 if there is none
     */
    public record ParsedBatch(
            long baseOffset, long endOffset, long horizonMs, List<ParsedRecord> records) {
        public ParsedBatch {
            records = List.copyOf(records);
        }
    }

    private final int keys;

    /**
     * @param keys the number of keys in use at a time, from 1 to 127
     */
    public KeyedBatches(int keys) {
        this.keys = keys;
    }

    private static int mixed(long number) {
        return (int) ((number * 0x9E3779B97F4A7C15L) >>> 40);
    }

    /** Returns the key of a record. Only a few keys are in use at a time. */
    public int key(long number) {
        return (int) ((number / RECORDS_PER_KEY + mixed(number) % keys) % MAX_KEYS);
    }

    public static boolean isTombstone(long number) {
        return mixed(number * 31) % (VALUES_PER_TOMBSTONE + 1) == 0;
    }

    public ByteString batch(
            SimulatedBatches.Stamp stamp, long timestampMs, long firstNumber, int count) {
        ByteBuffer out =
                ByteBuffer.allocate(BatchHeader.BYTES + count * (1 + MIN_BODY_BYTES + Long.BYTES));
        out.position(BatchHeader.BYTES);
        for (int i = 0; i < count; i++) {
            long number = firstNumber + i;
            boolean tombstone = isTombstone(number);
            int bytes = MIN_BODY_BYTES + (tombstone ? 0 : Long.BYTES);
            out.put((byte) (2 * bytes)).put((byte) 0).put((byte) 0).put((byte) (2 * i));
            out.put((byte) 2).put((byte) key(number));
            if (tombstone) {
                out.put((byte) 1);
            } else {
                out.put((byte) (2 * Long.BYTES)).putLong(number);
            }
            out.put((byte) 2).put((byte) 2).put((byte) NAME.charAt(0));
            out.put((byte) (2 * Long.BYTES)).putLong(number);
        }
        return SimulatedBatches.completed(out, stamp, timestampMs, firstNumber, count);
    }

    ByteString recordSet(long timestampMs, long firstNumber, int count) {
        RecordSet.Builder set = RecordSet.newBuilder();
        for (int i = 0; i < count; i++) {
            long number = firstNumber + i;
            ByteString bytes =
                    ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
            Record.Builder builder =
                    Record.newBuilder()
                            .setTimestampMs(timestampMs)
                            .setKey(ByteString.copyFrom(new byte[] {(byte) key(number)}))
                            .addHeaders(Header.newBuilder().setKey(NAME).setValue(bytes));
            set.addRecords(isTombstone(number) ? builder : builder.setValue(bytes));
        }
        return set.build().toByteString();
    }

    public List<ParsedBatch> read(byte[] bytes) {
        return read(bytes, -1);
    }

    /**
     * @param firstOffset the base offset of the first batch; -1 for the base offsets in the headers
     */
    public List<ParsedBatch> read(byte[] bytes, long firstOffset) {
        List<ParsedBatch> batches = new ArrayList<>();
        long next = firstOffset;
        for (int at = 0; at < bytes.length; at += (int) BatchHeader.sizeBytes(bytes, at)) {
            long base = firstOffset < 0 ? BatchHeader.baseOffset(bytes, at) : next;
            next = base + BatchHeader.offsetCount(bytes, at);
            boolean hasHorizon =
                    (BatchHeader.attributes(bytes, at) & BatchHeader.DELETE_HORIZON) != 0;
            batches.add(
                    new ParsedBatch(
                            base,
                            next,
                            hasHorizon ? BatchHeader.baseTimestampMs(bytes, at) : -1,
                            records(bytes, at, base)));
        }
        return batches;
    }

    private List<ParsedRecord> records(byte[] bytes, int at, long base) {
        List<ParsedRecord> records = new ArrayList<>();
        ByteBuffer in = BatchCodecs.records(bytes, at);
        for (int i = BatchHeader.recordCount(bytes, at); i > 0; i--) {
            int length = (int) SimulatedBatches.varint(in);
            int end = in.position() + length;
            in.get();
            long timestampMs = BatchHeader.baseTimestampMs(bytes, at) + SimulatedBatches.varint(in);
            if (BatchHeader.isLogAppendTime(bytes, at)) {
                timestampMs = BatchHeader.maxTimestampMs(bytes, at);
            }
            long offset = base + SimulatedBatches.varint(in);
            int key = SimulatedBatches.varint(in) == 1 ? in.get() : -1;
            boolean hasValue = SimulatedBatches.varint(in) == Long.BYTES;
            long value = hasValue ? in.getLong() : -1;
            long number = in.getLong(end - Long.BYTES);
            boolean isAsSent =
                    key == key(number)
                            && hasValue != isTombstone(number)
                            && (!hasValue || value == number);
            records.add(new ParsedRecord(offset, number, timestampMs, isAsSent));
            in.position(end);
        }
        return records;
    }
}
