package io.millrace.ingest;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings.Compression;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * What some topics ask for a ready-made batch: a key in every record where they are compacted,
 * compression where they name one and the batch has none.
 */
record ReadyBatchWork(Topic topic, byte[] array, int at, int sizeBytes, boolean compress)
        implements BatchWork {

    @Override
    public Result run() {
        if (topic.settings().compacted()) {
            try {
                if (hasRecordWithoutKey()) {
                    return refused(
                            Reason.NULL_KEY,
                            "The topic is compacted, but a record of the batch has no key; give every record one.");
                }
            } catch (KafkaException | IllegalArgumentException undecodable) {
                return refused(
                        Reason.MALFORMED_BATCH,
                        "The records of the batch cannot be decoded: " + undecodable.getMessage());
            }
        }
        return new Result.Done(compress ? compressed() : new Slice(array, at, sizeBytes));
    }

    private boolean hasRecordWithoutKey() {
        Iterator<MutableRecordBatch> batches =
                MemoryRecords.readableRecords(ByteBuffer.wrap(array, at, sizeBytes).slice())
                        .batchIterator();
        try (CloseableIterator<Record> records =
                batches.next().skipKeyValueIterator(BufferSupplier.NO_CACHING)) {
            while (records.hasNext()) {
                if (!records.next().hasKey()) {
                    return true;
                }
            }
            return false;
        }
    }

    private Slice compressed() {
        CompressionType type = typeOf(topic.settings().compression());
        ByteBufferOutputStream bytes =
                new ByteBufferOutputStream(BatchHeader.BYTES + sizeBytes / 2);
        bytes.position(BatchHeader.BYTES);
        try (OutputStream out =
                org.apache.kafka.common.compress.Compression.of(type)
                        .build()
                        .wrapForOutput(bytes, BatchHeader.MAGIC)) {
            out.write(array, at + BatchHeader.BYTES, sizeBytes - BatchHeader.BYTES);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        ByteBuffer buffer = bytes.buffer();
        int size = buffer.position();
        byte[] result = new byte[size];
        buffer.flip().get(result);
        BatchHeader.Fields fields = BatchHeader.Fields.of(array, at);
        int attributes = fields.attributes() & ~BatchHeader.COMPRESSION_MASK | type.id;
        BatchHeader.write(result, 0, size, fields.withAttributes(attributes));
        return new Slice(result, 0, size);
    }

    static CompressionType typeOf(Compression asked) {
        return switch (asked) {
            case NONE -> CompressionType.NONE;
            case LZ4 -> CompressionType.LZ4;
            case GZIP -> CompressionType.GZIP;
            case SNAPPY -> CompressionType.SNAPPY;
            case ZSTD, PRODUCER -> CompressionType.ZSTD;
        };
    }

    private static Result refused(Reason reason, String message) {
        return new Result.Refused(new Problem(reason, message));
    }
}
