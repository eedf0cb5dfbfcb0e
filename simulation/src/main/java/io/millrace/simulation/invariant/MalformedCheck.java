package io.millrace.simulation.invariant;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.SnappyBlocks;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.BatchCodecs;
import io.millrace.simulation.world.Violations;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * Checks the batches of faulty producers, by the table of checks in {@code docs/formats.md}: a
 * batch with a wrong header is rejected, and each accepted batch is kept whole, even if its records
 * are malformed.
 */
public final class MalformedCheck {

    private static final Set<Reason> FINAL =
            EnumSet.of(
                    Reason.MALFORMED_BATCH,
                    Reason.UNSUPPORTED_BATCH,
                    Reason.TOO_LARGE,
                    Reason.CHECKSUM_MISMATCH,
                    Reason.CONTROL_BATCH,
                    Reason.RECORD_COUNT_MISMATCH,
                    Reason.INVALID_SEQUENCE,
                    Reason.TIMESTAMP_TOO_FAR_AHEAD);

    /** Reasons for a batch with a producer id that is out of sequence. */
    private static final Set<Reason> OUT_OF_SEQUENCE =
            EnumSet.of(
                    Reason.OUT_OF_ORDER_SEQUENCE, Reason.PRODUCER_FENCED, Reason.UNKNOWN_PRODUCER);

    private static final int ATTRIBUTES_THAT_MUST_BE_ZERO = 0xFFF8;
    private static final int MIN_RECORD_BYTES = 7;
    private static final int MAX_CODEC = 4;

    private record At(PartitionName place, long offset) {}

    private final Violations violations;
    private final Map<At, byte[]> accepted = new HashMap<>();
    private long rejected;

    public MalformedCheck(Violations violations) {
        this.violations = violations;
    }

    /**
     * @param offset the offset of the batch; -1 if unknown or for a duplicate
     */
    public void acknowledged(PartitionName place, long offset, byte[] batch) {
        violations.check(
                isHeaderSound(batch),
                "a batch with a wrong header was acknowledged at offset %d of %s: %s",
                offset,
                place,
                text(batch));
        if (offset >= 0) {
            accepted.put(new At(place, offset), batch);
        }
    }

    /** Notes an answer. Any retriable reason is permitted. */
    public void rejected(PartitionName place, byte[] batch, Problem problem) {
        rejected++;
        violations.check(
                problem.retriable()
                        || FINAL.contains(problem.reason())
                        || OUT_OF_SEQUENCE.contains(problem.reason()),
                "a batch of %s was rejected with %s: %s",
                place,
                problem.reason(),
                problem.message());
        violations.check(
                problem.reason() == Reason.TIMESTAMP_TOO_FAR_AHEAD
                        || !FINAL.contains(problem.reason())
                        || !isHeaderSound(batch),
                "a batch of %s with a sound header was rejected with %s: %s",
                place,
                problem.message(),
                text(batch));
    }

    /** Checks a batch that a reader received. */
    public void read(PartitionName place, byte[] batch) {
        long offset = BatchHeader.baseOffset(batch, 0);
        byte[] sent = accepted.get(new At(place, offset));
        violations.check(
                sent == null || content(sent).equals(content(batch)),
                "%s has at offset %d the batch %s, but %s was acknowledged",
                place,
                offset,
                text(batch),
                sent == null ? "" : text(sent));
    }

    public long accepted() {
        return accepted.size();
    }

    public long rejected() {
        return rejected;
    }

    private static boolean isHeaderSound(byte[] batch) {
        if (batch.length < BatchHeader.BYTES
                || BatchHeader.magic(batch, 0) != BatchHeader.MAGIC
                || BatchHeader.sizeBytes(batch, 0) != batch.length) {
            return false;
        }
        int attributes = BatchHeader.attributes(batch, 0);
        int codec = attributes & BatchHeader.COMPRESSION_MASK;
        int count = BatchHeader.recordCount(batch, 0);
        long recordBytes = batch.length - BatchHeader.BYTES;
        return (attributes & ATTRIBUTES_THAT_MUST_BE_ZERO) == 0
                && codec <= MAX_CODEC
                && count >= 1
                && BatchHeader.lastOffsetDelta(batch, 0) == count - 1
                && (codec != 0 || recordBytes >= (long) count * MIN_RECORD_BYTES)
                && Math.min(
                                BatchHeader.baseTimestampMs(batch, 0),
                                BatchHeader.maxTimestampMs(batch, 0))
                        >= BatchHeader.NO_TIMESTAMP
                && hasSoundProducer(batch);
    }

    private static boolean hasSoundProducer(byte[] batch) {
        long id = BatchHeader.producerId(batch, 0);
        int epoch = BatchHeader.producerEpoch(batch, 0);
        int sequence = BatchHeader.baseSequence(batch, 0);
        boolean none = id == -1 && epoch == -1 && sequence == -1;
        return none || (id >= 0 && epoch >= 0 && sequence >= 0);
    }

    /**
     * Returns the header without offset, checksum, codec and base timestamp, and the records as a
     * reader decodes them, otherwise their bytes.
     */
    private static String content(byte[] batch) {
        List<Object> fields = new ArrayList<>();
        fields.add(BatchHeader.attributes(batch, 0) & ~BatchHeader.COMPRESSION_MASK);
        fields.add(BatchHeader.lastOffsetDelta(batch, 0));
        fields.add(BatchHeader.maxTimestampMs(batch, 0));
        fields.add(BatchHeader.producerId(batch, 0));
        fields.add(BatchHeader.producerEpoch(batch, 0));
        fields.add(BatchHeader.baseSequence(batch, 0));
        fields.add(BatchHeader.recordCount(batch, 0));
        byte[] atZero = batch.clone();
        BatchHeader.setBaseOffset(atZero, 0, 0);
        try {
            SnappyBlocks.require(batch);
            List<Object> records = new ArrayList<>();
            for (Record record :
                    MemoryRecords.readableRecords(ByteBuffer.wrap(atZero))
                            .batches()
                            .iterator()
                            .next()) {
                records.add(record.offset());
                records.add(record.timestamp());
                records.add(text(record.key()));
                records.add(text(record.value()));
                records.add(List.of(record.headers()));
            }
            fields.addAll(records);
        } catch (RuntimeException undecodable) {
            fields.add(payload(batch));
        }
        return fields.toString();
    }

    /** Returns the decompressed bytes of the records; with the codec if it cannot decode them. */
    private static String payload(byte[] batch) {
        try {
            SnappyBlocks.require(batch);
            return text(BatchCodecs.records(batch, 0));
        } catch (RuntimeException broken) {
            return BatchHeader.compression(batch, 0)
                    + HexFormat.of().formatHex(batch, BatchHeader.BYTES, batch.length);
        }
    }

    private static String text(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            return "null";
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return text(copy);
    }

    private static String text(byte[] batch) {
        return HexFormat.of().formatHex(batch);
    }
}
