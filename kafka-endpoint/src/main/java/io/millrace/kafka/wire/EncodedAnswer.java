package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * A framed answer that yields its bytes in parts, so that a slow reader does not need memory for
 * the whole answer. Owned by the event loop of the connection.
 */
public final class EncodedAnswer {

    private final ByteBuf fields;
    private final List<ByteBufWritable.Insertion> insertions;
    private final int sizeBytes;
    private int next;

    private EncodedAnswer(
            ByteBuf fields, List<ByteBufWritable.Insertion> insertions, int sizeBytes) {
        this.fields = fields;
        this.insertions = insertions;
        this.sizeBytes = sizeBytes;
    }

    /**
     * Encodes an answer. The caller reads all parts, or calls {@link #release}.
     *
     * @param request the header of the request
     * @param version the version of the answer, which is the request's except for ApiVersions
     */
    public static EncodedAnswer of(
            RequestHeader request, short version, ApiMessage answer, ByteBufAllocator allocator) {
        ResponseHeaderData header =
                new ResponseHeaderData().setCorrelationId(request.correlationId());
        short headerVersion = request.api().responseHeaderVersion(version);
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
            return new EncodedAnswer(fields, out.insertions(), Integer.BYTES + size.totalSize());
        } catch (RuntimeException bug) {
            fields.release();
            throw bug;
        }
    }

    /** Returns the length with its prefix. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /**
     * Returns the next part, which the caller releases; empty after the last one. A part has at
     * most the records of one partition.
     */
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

    /** Releases the buffers; idempotent. */
    public void release() {
        if (fields.refCnt() > 0) {
            next = insertions.size();
            fields.release();
        }
    }
}
