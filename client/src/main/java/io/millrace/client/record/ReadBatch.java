package io.millrace.client.record;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/** A read batch with a valid checksum. Decodes records on demand. */
public final class ReadBatch implements Iterable<ReadRecord> {

    static final int HEADER_BYTES = 61;
    private static final int LENGTH_AT = 8;
    private static final int LENGTH_COVERS_FROM = 12;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int COUNT_AT = 57;
    private static final int CONTROL_BIT = 1 << 5;

    private final TopicPartition partition;
    private final ByteBuffer bytes;
    private final long wantedOffset;
    private final long highWatermark;
    private final UndecodablePolicy policy;
    private volatile MillraceException.@Nullable Undecodable failure;

    private ReadBatch(
            TopicPartition partition,
            ByteBuffer bytes,
            long wantedOffset,
            long highWatermark,
            UndecodablePolicy policy) {
        this.partition = partition;
        this.bytes = bytes;
        this.wantedOffset = wantedOffset;
        this.highWatermark = highWatermark;
        this.policy = policy;
    }

    /** Returns the size of the batch at a buffer position; -1 without a complete batch. */
    public static int lengthAt(ByteBuffer buffer, int at) {
        if (buffer.limit() - at < HEADER_BYTES) {
            return -1;
        }
        int length = buffer.getInt(at + LENGTH_AT);
        boolean whole =
                length >= HEADER_BYTES - LENGTH_COVERS_FROM
                        && length <= buffer.limit() - at - LENGTH_COVERS_FROM
                        && buffer.get(at + MAGIC_AT) == 2;
        return whole ? LENGTH_COVERS_FROM + length : -1;
    }

    public static long nextOffsetAt(ByteBuffer buffer, int at) {
        return buffer.getLong(at) + buffer.getInt(at + LAST_OFFSET_DELTA_AT) + 1;
    }

    static int countAt(ByteBuffer buffer, int at) {
        return buffer.getInt(at + COUNT_AT);
    }

    /**
     * Returns the batch at a buffer position, in the buffer's memory.
     *
     * @throws MillraceException.Corrupt if the checksum does not match
     */
    public static ReadBatch decodeAt(
            TopicPartition partition,
            ByteBuffer buffer,
            int at,
            int length,
            long wantedOffset,
            long highWatermark) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(at + ATTRIBUTES_AT).limit(at + length));
        if ((int) crc.getValue() != buffer.getInt(at + CRC_AT)) {
            throw new MillraceException.Corrupt(
                    "The batch at offset %d of %s fails its checksum."
                            .formatted(buffer.getLong(at), partition));
        }
        return new ReadBatch(
                partition,
                buffer.slice(at, length),
                wantedOffset,
                highWatermark,
                UndecodablePolicy.STOP);
    }

    public TopicPartition partition() {
        return partition;
    }

    /** Returns the offset of the first record, which may precede the first wanted offset. */
    public long baseOffset() {
        return bytes.getLong(0);
    }

    /** Returns the offset of the first wanted record. */
    public long firstOffset() {
        return Math.max(baseOffset(), wantedOffset);
    }

    public long nextOffset() {
        return nextOffsetAt(bytes, 0);
    }

    /** Returns the number of records, including records before the first wanted offset. */
    public int recordCount() {
        return bytes.getInt(COUNT_AT);
    }

    public int sizeBytes() {
        return bytes.limit();
    }

    /** Returns the partition's high watermark at the time of the read. */
    public long highWatermark() {
        return highWatermark;
    }

    public boolean isControl() {
        return (bytes.getShort(ATTRIBUTES_AT) & CONTROL_BIT) != 0;
    }

    /** Returns the batch with a policy for records that cannot be decoded; by default STOP. */
    public ReadBatch with(UndecodablePolicy policy) {
        return new ReadBatch(partition, bytes, wantedOffset, highWatermark, policy);
    }

    /** Returns the failure that ended an iteration early under {@link UndecodablePolicy#SKIP}. */
    public Optional<MillraceException.Undecodable> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Returns the records from the first wanted offset, in order. Each iteration decodes the
     * records again, one at a time.
     *
     * @throws MillraceException.Undecodable also from the iterator, under {@link
     *     UndecodablePolicy#STOP}
     */
    @Override
    public Iterator<ReadRecord> iterator() {
        return new RecordStream(this, bytes.duplicate(), this::toRead, this::failed);
    }

    private void failed(MillraceException.Undecodable undecodable) {
        failure = undecodable;
        if (policy == UndecodablePolicy.STOP) {
            throw undecodable;
        }
    }

    private ReadRecord toRead(Record record) {
        Header[] headers = record.headers();
        return new ReadRecord(
                partition,
                record.offset(),
                record.timestamp(),
                record.hasKey() ? record.key() : null,
                record.hasValue() ? record.value() : null,
                headers.length == 0
                        ? List.of()
                        : Arrays.stream(headers)
                                .map(header -> new RecordHeader(header.key(), header.value()))
                                .toList());
    }
}
