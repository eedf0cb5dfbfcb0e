package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * An answer of any length whose fields are computed in slices while they are written, so that no
 * task of the event loop is long and no memory holds the whole answer.
 */
public interface StreamedAnswer extends ApiMessage {

    /** Starts to encode the answer, at its turn among the answers of the connection. */
    Encoding encode(short version);

    /** The encoding of one answer. Owned by the event loop of the connection. */
    interface Encoding {

        /** Computes a slice of the size. Returns whether the size is known. */
        boolean measure();

        /** Returns the number of bytes, once measured. */
        int sizeBytes();

        /** Appends a slice of the bytes, at least one byte. Called until all bytes are written. */
        void write(ByteBuf out);
    }

    /** Not supported: the answer is written by {@link #encode}. */
    @Override
    default void addSize(
            MessageSizeAccumulator size, ObjectSerializationCache cache, short version) {
        throw new UnsupportedOperationException("The answer is written by encode.");
    }

    /** Not supported: the answer is written by {@link #encode}. */
    @Override
    default void write(Writable out, ObjectSerializationCache cache, short version) {
        throw new UnsupportedOperationException("The answer is written by encode.");
    }

    /** Not supported: the answer is written only. */
    @Override
    default void read(Readable in, short version) {
        throw new UnsupportedOperationException("The answer is not read.");
    }

    @Override
    default List<RawTaggedField> unknownTaggedFields() {
        return List.of();
    }

    /** Not supported: the answer is written once. */
    @Override
    default StreamedAnswer duplicate() {
        throw new UnsupportedOperationException("The answer is written once.");
    }
}
