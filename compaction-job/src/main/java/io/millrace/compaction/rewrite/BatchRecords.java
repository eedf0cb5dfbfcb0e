package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.RangeReader;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * The records of one batch, decoded, and batches made of them: with the same offsets, producer and
 * kind of timestamps. One record is held at a time. One thread.
 */
public final class BatchRecords {

    /** A record of more, which compression can hide in few bytes, is not decoded. */
    private static final int MAX_RECORD_BYTES = 64 << 20;

    private final DefaultRecordBatch batch;

    public BatchRecords(RangeReader.Found found) {
        this(found.bytes(), found.baseOffset());
    }

    /**
     * @param from the bytes of the batch, which are copied
     */
    BatchRecords(Slice from, long baseOffset) {
        byte[] bytes = new byte[from.length()];
        System.arraycopy(from.array(), from.offset(), bytes, 0, bytes.length);
        BatchHeader.setBaseOffset(bytes, 0, baseOffset);
        batch =
                (DefaultRecordBatch)
                        MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))
                                .batches()
                                .iterator()
                                .next();
    }

    /**
     * The records of a batch, if all of them can be decoded. They are decoded for this, and not
     * kept: compression can hide more of them in few bytes than fit into memory.
     *
     * @param found whose bytes are copied
     */
    public static Optional<BatchRecords> decodable(RangeReader.Found found) {
        try {
            BatchRecords records = new BatchRecords(found);
            records.forEach(_ -> {});
            return Optional.of(records);
        } catch (RuntimeException undecodable) {
            return Optional.empty();
        }
    }

    /** Whether the records are markers, not data. */
    public boolean areMarkers() {
        return batch.isControlBatch();
    }

    /** From when on tombstones may go, in milliseconds since 1970, if that is said. */
    public OptionalLong deleteHorizonMs() {
        return batch.deleteHorizonMs();
    }

    /** How they are compressed, at the usual level. */
    public Compression compression() {
        return Compression.of(batch.compressionType()).build();
    }

    /**
     * Shows all records, in order, with absolute offsets.
     *
     * @throws RuntimeException of many types, if they cannot be decoded
     */
    public void forEach(Consumer<Record> each) {
        try (CloseableIterator<Record> records =
                batch.streamingIterator(BufferSupplier.NO_CACHING, MAX_RECORD_BYTES)) {
            records.forEachRemaining(each);
        }
    }

    /**
     * A batch of some of the records, or none. The builder holds memory of the compression library
     * outside the heap: it exists only if a record is left, and is closed on every path.
     *
     * @param deleteHorizonMs what it is to say, if anything
     * @throws RuntimeException of many types, if they cannot be decoded
     */
    public Slice only(Predicate<Record> wanted, Compression with, OptionalLong deleteHorizonMs) {
        try (Kept kept = new Kept(with, deleteHorizonMs)) {
            forEach(record -> {
                if (wanted.test(record)) {
                    kept.add(record);
                }
            });
            return kept.batch();
        }
    }

    /** The records of a new batch. Memory of the compressor is held from the first record on. */
    private final class Kept implements AutoCloseable {

        private final Compression with;
        private final OptionalLong deleteHorizonMs;
        private @Nullable MemoryRecordsBuilder builder;

        Kept(Compression with, OptionalLong deleteHorizonMs) {
            this.with = with;
            this.deleteHorizonMs = deleteHorizonMs;
        }

        void add(Record record) {
            MemoryRecordsBuilder to = builder;
            if (to == null) {
                to = builder(with, deleteHorizonMs);
                builder = to;
            }
            to.appendWithOffset(record.offset(), record);
        }

        Slice batch() {
            if (builder == null) {
                return empty();
            }
            builder.overrideLastOffset(batch.lastOffset());
            return slice(builder.build().buffer());
        }

        /** Releases the memory of the compressor. Harmless after {@link #batch}. */
        @Override
        public void close() {
            if (builder != null) {
                builder.closeForRecordAppends();
            }
        }
    }

    private MemoryRecordsBuilder builder(Compression with, OptionalLong deleteHorizonMs) {
        return new MemoryRecordsBuilder(
                new ByteBufferOutputStream(batch.sizeInBytes()),
                RecordBatch.MAGIC_VALUE_V2,
                with,
                batch.timestampType(),
                batch.baseOffset(),
                batch.timestampType() == TimestampType.LOG_APPEND_TIME
                        ? batch.maxTimestamp()
                        : RecordBatch.NO_TIMESTAMP,
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.isTransactional(),
                batch.isControlBatch(),
                batch.partitionLeaderEpoch(),
                batch.sizeInBytes(),
                deleteHorizonMs.orElse(RecordBatch.NO_TIMESTAMP));
    }

    private Slice empty() {
        ByteBuffer header = ByteBuffer.allocate(BatchHeader.BYTES);
        DefaultRecordBatch.writeEmptyHeader(
                header,
                RecordBatch.MAGIC_VALUE_V2,
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.baseOffset(),
                batch.lastOffset(),
                batch.partitionLeaderEpoch(),
                batch.timestampType(),
                batch.maxTimestamp(),
                batch.isTransactional(),
                batch.isControlBatch());
        return slice(header.rewind());
    }

    private static Slice slice(ByteBuffer bytes) {
        return new Slice(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }
}
