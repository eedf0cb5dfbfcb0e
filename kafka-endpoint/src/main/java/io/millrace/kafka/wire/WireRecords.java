package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * The record batches of a partition in an answer, written to the connection as they lie: without
 * decoding, and with one copy into the transport's buffer.
 */
public interface WireRecords extends BaseRecords {

    /**
     * Appends exactly {@link #sizeInBytes} bytes. Called once, on the event loop of the connection.
     */
    void writeTo(ByteBuf out);

    /** Not supported: records are written by {@link #writeTo}. */
    @Override
    default RecordsSend<? extends BaseRecords> toSend() {
        throw new UnsupportedOperationException("Records are written by writeTo.");
    }
}
