package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * An answer whose fields are encoded at once, and whose records are encoded part by part. Owned by
 * the event loop of the connection.
 */
final class EncodedMessage implements EncodedAnswer {

    private final ByteBuf fields;
    private final List<ByteBufWritable.Insertion> insertions;
    private int next;

    private EncodedMessage(ByteBuf fields, List<ByteBufWritable.Insertion> insertions) {
        this.fields = fields;
        this.insertions = insertions;
    }

    static EncodedMessage of(
            ResponseHeaderData header,
            short headerVersion,
            ApiMessage answer,
            short version,
            ByteBufAllocator allocator) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        MessageSizeAccumulator size = new MessageSizeAccumulator();
        header.addSize(size, cache, headerVersion);
        answer.addSize(size, cache, version);
        ByteBuf fields = allocator.directBuffer(Integer.BYTES + size.sizeExcludingZeroCopy());
        try {
            ByteBufWritable out = new ByteBufWritable(fields);
            out.writeInt(size.totalSize());
            header.write(out, cache, headerVersion);
            answer.write(out, cache, version);
            return new EncodedMessage(fields, out.insertions());
        } catch (RuntimeException bug) {
            fields.release();
            throw bug;
        }
    }

    /** A frame with these bytes. */
    static EncodedMessage of(byte[] content, ByteBufAllocator allocator) {
        ByteBuf frame = allocator.directBuffer(Integer.BYTES + content.length);
        return new EncodedMessage(frame.writeInt(content.length).writeBytes(content), List.of());
    }

    /** An answer that is not written. */
    static EncodedMessage empty() {
        return new EncodedMessage(Unpooled.EMPTY_BUFFER, List.of());
    }

    /** Returns a part with at most the records of one partition. */
    @Override
    public Optional<ByteBuf> nextPart(ByteBufAllocator allocator) {
        if (next < insertions.size()) {
            ByteBufWritable.Insertion insertion = insertions.get(next);
            if (fields.readerIndex() < insertion.index()) {
                return Optional.of(
                        fields.readRetainedSlice(insertion.index() - fields.readerIndex()));
            }
            next++;
            return Optional.of(write(insertion.records(), allocator));
        }
        if (fields.isReadable()) {
            return Optional.of(fields.readRetainedSlice(fields.readableBytes()));
        }
        release();
        return Optional.empty();
    }

    private static ByteBuf write(WireRecords records, ByteBufAllocator allocator) {
        int size = records.sizeInBytes();
        ByteBuf out = allocator.directBuffer(size, size);
        try {
            records.writeTo(out);
            if (out.readableBytes() != size) {
                throw new IllegalStateException(
                        "Records of %d bytes wrote %d.".formatted(size, out.readableBytes()));
            }
            return out;
        } catch (RuntimeException failure) {
            out.release();
            throw failure;
        }
    }

    @Override
    public boolean mustYield() {
        return false;
    }

    @Override
    public void release() {
        if (fields.refCnt() > 0) {
            next = insertions.size();
            fields.release();
        }
    }
}
