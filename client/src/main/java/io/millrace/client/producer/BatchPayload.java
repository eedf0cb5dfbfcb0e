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
 * What the records of a batch are sent as. Not thread-safe: it belongs to whom its {@link
 * PendingBatch} belongs to. A call that its kind does not know throws {@link
 * IllegalStateException}, since it is a fault of this client.
 */
sealed interface BatchPayload {

    /** Whether a producer id and a sequence can be written into it. */
    default boolean takesNumbers() {
        return false;
    }

    /** Whether its records can be taken apart, and put into smaller batches. */
    default boolean canBeCut() {
        return true;
    }

    void append(OutgoingRecord record, long timestampMs);

    /** Packs and compresses, if that is this side's work. */
    default void seal(CompressionCodec codec) {}

    default void stamp(ProducerIdentity identity, int sequence) {
        throw new IllegalStateException("It takes no numbers");
    }

    void putInto(ProduceRequest.Builder request);

    /** Bytes that it takes in a request; where that is not known, what its records take at most. */
    default int sizeBytes(long boundBytes) {
        return Math.toIntExact(boundBytes);
    }

    /** One of the same kind without records. */
    BatchPayload emptyLike(int capacityBytes);

    /** Records that are packed here. */
    record Packed(BatchWriter writer) implements BatchPayload {
        @Override
        public boolean takesNumbers() {
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
        public void stamp(ProducerIdentity identity, int sequence) {
            writer.stamp(identity.producerId(), identity.epoch(), sequence);
        }

        @Override
        public void putInto(ProduceRequest.Builder request) {
            request.setBatch(writer.toByteString());
        }

        @Override
        public int sizeBytes(long boundBytes) {
            return writer.sizeBytes();
        }

        @Override
        public BatchPayload emptyLike(int capacityBytes) {
            return new Packed(new BatchWriter(capacityBytes));
        }
    }

    /** Records that the node packs. */
    record AsRecords(RecordSet.Builder records) implements BatchPayload {
        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            records.addRecords(toProto(record, timestampMs));
        }

        @Override
        public void putInto(ProduceRequest.Builder request) {
            request.setRecords(records);
        }

        @Override
        public BatchPayload emptyLike(int capacityBytes) {
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

    /** A batch that was made elsewhere. It carries what its maker wrote, and is not taken apart. */
    record Ready(ByteString batch) implements BatchPayload {
        @Override
        public boolean canBeCut() {
            return false;
        }

        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            throw new IllegalStateException("Nothing fits in");
        }

        @Override
        public void putInto(ProduceRequest.Builder request) {
            request.setBatch(batch);
        }

        @Override
        public int sizeBytes(long boundBytes) {
            return batch.size();
        }

        @Override
        public BatchPayload emptyLike(int capacityBytes) {
            throw new IllegalStateException("It is not taken apart");
        }
    }

    /** Records that could not be packed, which is a fault: they are not sent. */
    record Spoiled(String why) implements BatchPayload {
        @Override
        public boolean canBeCut() {
            return false;
        }

        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            throw new IllegalStateException("It is spoiled");
        }

        @Override
        public void putInto(ProduceRequest.Builder request) {
            throw new IllegalStateException("It is spoiled");
        }

        @Override
        public BatchPayload emptyLike(int capacityBytes) {
            throw new IllegalStateException("It is spoiled");
        }
    }

    /** That of a batch whose fate is decided: its memory is free. */
    record Gone() implements BatchPayload {
        @Override
        public boolean canBeCut() {
            return false;
        }

        @Override
        public void append(OutgoingRecord record, long timestampMs) {
            throw new IllegalStateException("Its fate is decided");
        }

        @Override
        public void putInto(ProduceRequest.Builder request) {
            throw new IllegalStateException("Its fate is decided");
        }

        @Override
        public BatchPayload emptyLike(int capacityBytes) {
            throw new IllegalStateException("Its fate is decided");
        }
    }
}
