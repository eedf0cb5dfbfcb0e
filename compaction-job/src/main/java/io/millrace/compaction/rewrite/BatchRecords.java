package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.RangeReader;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.RecordScan;
import io.millrace.protocol.batch.SnappyBlocks;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.InvalidRecordException;
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
 * A decoder of one batch that builds batches from a subset of the records, with the same offsets,
 * producer and timestamp type. Holds one decoded record at a time; a batch with a record above
 * {@link RecordScan#MAX_RECORD_BYTES} cannot be decoded. One thread.
 */
public final class BatchRecords {

    private final DefaultRecordBatch batch;

    public BatchRecords(RangeReader.SourceBatch found) {
        this(found.bytes(), found.baseOffset());
    }

    /**
     * @param from the bytes of the batch, which are copied
     * @throws IllegalArgumentException if the batch cannot be decompressed
     */
    BatchRecords(Slice from, long baseOffset) {
        byte[] bytes = new byte[from.length()];
        System.arraycopy(from.array(), from.offset(), bytes, 0, bytes.length);
        SnappyBlocks.require(bytes);
        BatchHeader.setBaseOffset(bytes, 0, baseOffset);
        batch =
                (DefaultRecordBatch)
                        MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))
                                .batches()
                                .iterator()
                                .next();
    }

    /**
     * Returns the records of a batch if all can be decoded and have valid offsets. No record is
     * kept, because decompressed records may exceed the memory.
     */
    public static Optional<BatchRecords> decodable(RangeReader.SourceBatch found) {
        try {
            BatchRecords records = new BatchRecords(found);
            records.forEach(_ -> {});
            return Optional.of(records);
        } catch (RuntimeException undecodable) {
            return Optional.empty();
        }
    }

    public boolean isControlBatch() {
        return batch.isControlBatch();
    }

    /** Returns milliseconds since 1970; empty without a delete horizon. */
    public OptionalLong deleteHorizonMs() {
        return batch.deleteHorizonMs();
    }

    /** Returns the batch's compression type, at the default level. */
    public Compression compression() {
        return Compression.of(batch.compressionType()).build();
    }

    /**
     * Calls back for each record, in order, with absolute offsets.
     *
     * @throws RuntimeException of several types, if the records cannot be decoded or their offsets
     *     contradict the header: such a record would supersede records of other batches
     */
    public void forEach(Consumer<Record> each) {
        long next = batch.baseOffset();
        try (CloseableIterator<Record> records =
                batch.streamingIterator(BufferSupplier.NO_CACHING, RecordScan.MAX_RECORD_BYTES)) {
            while (records.hasNext()) {
                Record record = records.next();
                if (record.offset() < next || record.offset() > batch.lastOffset()) {
                    throw new InvalidRecordException(
                            "A record of the batch with offsets %d to %d has the offset %d after %d."
                                    .formatted(
                                            batch.baseOffset(),
                                            batch.lastOffset(),
                                            record.offset(),
                                            next - 1));
                }
                next = record.offset() + 1;
                each.accept(record);
            }
        }
    }

    /** Returns a batch of the selected records, which may be empty; fails as {@link #forEach}. */
    public Slice filtered(
            Predicate<Record> wanted, Compression with, OptionalLong deleteHorizonMs) {
        try (FilteredBatch kept = new FilteredBatch(with, deleteHorizonMs)) {
            forEach(record -> {
                if (wanted.test(record)) {
                    kept.add(record);
                }
            });
            return kept.batch();
        }
    }

    /** Holds native memory of the compressor from the first record on. */
    private final class FilteredBatch implements AutoCloseable {

        private final Compression with;
        private final OptionalLong deleteHorizonMs;
        private @Nullable MemoryRecordsBuilder builder;

        FilteredBatch(Compression with, OptionalLong deleteHorizonMs) {
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

        /** Has no effect after {@link #batch}. */
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
