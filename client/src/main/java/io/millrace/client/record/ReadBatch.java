package io.millrace.client.record;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.MemoryRecords;
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

    private ReadBatch(
            TopicPartition partition, ByteBuffer bytes, long wantedOffset, long highWatermark) {
        this.partition = partition;
        this.bytes = bytes;
        this.wantedOffset = wantedOffset;
        this.highWatermark = highWatermark;
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
        return new ReadBatch(partition, buffer.slice(at, length), wantedOffset, highWatermark);
    }

    public TopicPartition partition() {
        return partition;
    }

    /** Returns the offset of the first record, which may precede the first wanted offset. */
    public long baseOffset() {
        return bytes.getLong(0);
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

    /** Returns the records from the first wanted offset, in order. */
    @Override
    public Iterator<ReadRecord> iterator() {
        Iterator<Record> decoded =
                MemoryRecords.readableRecords(bytes.duplicate())
                        .batches()
                        .iterator()
                        .next()
                        .iterator();
        return new Iterator<>() {
            private @Nullable ReadRecord next = advance();

            private @Nullable ReadRecord advance() {
                while (decoded.hasNext()) {
                    Record record = decoded.next();
                    if (record.offset() >= wantedOffset) {
                        return toRead(record);
                    }
                }
                return null;
            }

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public ReadRecord next() {
                ReadRecord current = next;
                if (current == null) {
                    throw new NoSuchElementException();
                }
                next = advance();
                return current;
            }
        };
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
