package io.millrace.ingest.pack;

import com.google.protobuf.ByteString;
import io.millrace.protocol.v1.Header;
import io.millrace.protocol.v1.Record;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.jspecify.annotations.Nullable;

/** A batch as kafka-clients decodes it. */
record Decoded(MutableRecordBatch batch, List<Record> records, List<Long> offsets) {

    static Decoded of(Slice slice) {
        ByteBuffer bytes = ByteBuffer.wrap(slice.array(), slice.offset(), slice.length()).slice();
        MutableRecordBatch batch = MemoryRecords.readableRecords(bytes).batches().iterator().next();
        batch.ensureValid();
        List<Record> records = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        for (var each : batch) {
            Record.Builder record = Record.newBuilder().setTimestampMs(each.timestamp());
            if (each.hasKey()) {
                record.setKey(ByteString.copyFrom(each.key()));
            }
            if (each.hasValue()) {
                record.setValue(ByteString.copyFrom(each.value()));
            }
            for (var header : each.headers()) {
                record.addHeaders(header(header.key(), header.value()));
            }
            records.add(record.build());
            offsets.add(each.offset());
        }
        return new Decoded(batch, records, offsets);
    }

    private static Header header(String key, byte @Nullable [] value) {
        Header.Builder header = Header.newBuilder().setKey(key);
        if (value != null) {
            header.setValue(ByteString.copyFrom(value));
        }
        return header.build();
    }
}
