package io.millrace.client.producer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.RecordHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.v1.Header;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;

/**
 * The content of a batch in a request. Owner: as for the {@link PendingBatch}. An unsupported call
 * is a bug and throws {@link IllegalStateException}.
 */
sealed interface BatchPayload {

    default boolean supportsSequence() {
        return false;
    }

    default boolean canSplit() {
        return true;
    }

    void append(OutgoingRecord record, long timestampMs);

    default void seal(CompressionCodec codec) {}

    default void stamp(ProducerIdAndEpoch producerId, int sequence) {
        throw new IllegalStateException("This payload has no sequence");
    }

    void addTo(ProduceRequest.Builder request);

    default int sizeBytes(long boundBytes) {
        return Math.toIntExact(boundBytes);
    }

    BatchPayload emptyCopy(int capacityBytes);

    /** Records that the client encodes. */
    record Encoded(BatchWriter writer) implements BatchPayload {
        @Override
        public boolean supportsSequence() {
            return true;
        }

        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            writer.append(record.key(), record.value(), record.headers(), timestampMs);
        }

        @Override
        public void seal(CompressionCodec codec) {
            writer.seal(codec);
        }

        @Override
        public void stamp(ProducerIdAndEpoch producerId, int sequence) {
            writer.stamp(producerId.id(), producerId.epoch(), sequence);
        }

        @Override
        public void addTo(ProduceRequest.Builder request) {
            request.setBatch(writer.toByteString());
        }

        @Override
        public int sizeBytes(long boundBytes) {
            return writer.sizeBytes();
        }

        @Override
        public BatchPayload emptyCopy(int capacityBytes) {
            return new Encoded(new BatchWriter(capacityBytes));
        }
    }

    /** Records that the node encodes. */
    record AsRecords(RecordSet.Builder records) implements BatchPayload {
        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            records.addRecords(toProto(record, timestampMs));
        }

        @Override
        public void addTo(ProduceRequest.Builder request) {
            request.setRecords(records);
        }

        @Override
        public BatchPayload emptyCopy(int capacityBytes) {
            return new AsRecords(RecordSet.newBuilder());
        }

        private static Record toProto(OutgoingRecord record, long timestampMs) {
            Record.Builder proto = Record.newBuilder().setTimestampMs(timestampMs);
            byte[] key = record.key();
            if (key != null) {
                proto.setKey(UnsafeByteOperations.unsafeWrap(key));
            }
            byte[] value = record.value();
            if (value != null) {
                proto.setValue(UnsafeByteOperations.unsafeWrap(value));
            }
            for (RecordHeader header : record.headers()) {
                Header.Builder headerProto = Header.newBuilder().setKey(header.key());
                byte[] headerValue = header.value();
                if (headerValue != null) {
                    headerProto.setValue(UnsafeByteOperations.unsafeWrap(headerValue));
                }
                proto.addHeaders(headerProto);
            }
            return proto.build();
        }
    }

    /** A batch encoded by the application; sent unchanged and never split. */
    record PreEncoded(ByteString batch) implements BatchPayload {
        @Override
        public boolean canSplit() {
            return false;
        }

        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            throw new IllegalStateException("An encoded batch accepts no records");
        }

        @Override
        public void addTo(ProduceRequest.Builder request) {
            request.setBatch(batch);
        }

        @Override
        public int sizeBytes(long boundBytes) {
            return batch.size();
        }

        @Override
        public BatchPayload emptyCopy(int capacityBytes) {
            throw new IllegalStateException("An encoded batch cannot be split");
        }
    }

    /** Records that could not be encoded; never sent. */
    record EncodingFailed(String why) implements BatchPayload {
        @Override
        public boolean canSplit() {
            return false;
        }

        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            throw new IllegalStateException("The batch could not be encoded");
        }

        @Override
        public void addTo(ProduceRequest.Builder request) {
            throw new IllegalStateException("The batch could not be encoded");
        }

        @Override
        public BatchPayload emptyCopy(int capacityBytes) {
            throw new IllegalStateException("The batch could not be encoded");
        }
    }

    record SettledPayload() implements BatchPayload {
        @Override
        public boolean canSplit() {
            return false;
        }

        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            throw new IllegalStateException("The batch is settled");
        }

        @Override
        public void addTo(ProduceRequest.Builder request) {
            throw new IllegalStateException("The batch is settled");
        }

        @Override
        public BatchPayload emptyCopy(int capacityBytes) {
            throw new IllegalStateException("The batch is settled");
        }
    }
}
