package io.millrace.client.producer;

import com.google.protobuf.ByteString;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.record.RecordHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.v1.Header;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a batch that is too large for its topic into halves of about equal size, which inherit its
 * listeners, memory, age and sequences. Owner: the I/O thread.
 */
final class BatchSplit {

    private BatchSplit() {}

    /** Requires several records, and a batch that is certainly not stored. */
    static List<PendingBatch> halves(
            PendingBatch batch, @Nullable ProducerIdAndEpoch producerId, CompressionCodec codec) {
        List<OutgoingRecord> records = recordsOf(batch);
        int left = batch.reservedBytes() > 0 ? (int) (batch.reservedBytes() / 2) : 0;
        PendingBatch first = batch.emptyCopy();
        PendingBatch second = batch.emptyCopy();
        for (int i = 0; i < records.size(); i++) {
            OutgoingRecord record = records.get(i);
            int bound = BatchWriter.sizeBound(record.key(), record.value(), record.headers());
            boolean inFirst = i == 0 || (left >= bound && i < records.size() - 1);
            left = inFirst ? left - bound : -1;
            (inFirst ? first : second)
                    .append(record, record.timestampMs(), bound, batch.listenerOf(i));
        }
        first.finish(codec);
        second.finish(codec);
        batch.replacedBy(first, second);
        if (batch.stamped && producerId != null) {
            int sequence = batch.baseSequence;
            first.stamp(producerId, sequence);
            second.stamp(producerId, SequencedPartition.sequenceAfter(sequence, first.count()));
        }
        return List.of(first, second);
    }

    private static List<OutgoingRecord> recordsOf(PendingBatch batch) {
        List<OutgoingRecord> records = new ArrayList<>(batch.count());
        switch (batch.payload()) {
            case BatchPayload.Encoded(BatchWriter writer) -> {
                ByteBuffer bytes = writer.toByteString().asReadOnlyByteBuffer();
                ReadBatch.decodeAt(batch.partition.id, bytes, 0, bytes.limit(), 0, 0)
                        .forEach(record -> records.add(convert(record)));
            }
            case BatchPayload.AsRecords(RecordSet.Builder set) ->
                    set.getRecordsList()
                            .forEach(record -> records.add(convert(batch.partition.id, record)));
            case BatchPayload.PreEncoded ready ->
                    throw new IllegalStateException("An encoded batch cannot be split");
            case BatchPayload.EncodingFailed spoiled ->
                    throw new IllegalStateException(
                            "A batch that could not be encoded cannot be split");
            case BatchPayload.SettledPayload gone ->
                    throw new IllegalStateException("The batch is settled");
        }
        return records;
    }

    private static OutgoingRecord convert(ReadRecord record) {
        return new OutgoingRecord(
                record.partition().topic(),
                record.partition().partition(),
                copy(record.key()),
                copy(record.value()),
                record.headers(),
                record.timestampMs());
    }

    private static OutgoingRecord convert(TopicPartition partition, Record record) {
        return new OutgoingRecord(
                partition.topic(),
                partition.partition(),
                record.hasKey() ? record.getKey().toByteArray() : null,
                record.hasValue() ? record.getValue().toByteArray() : null,
                record.getHeadersList().stream().map(BatchSplit::convert).toList(),
                record.getTimestampMs());
    }

    private static RecordHeader convert(Header header) {
        ByteString value = header.getValue();
        return new RecordHeader(header.getKey(), header.hasValue() ? value.toByteArray() : null);
    }

    private static byte @Nullable [] copy(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
