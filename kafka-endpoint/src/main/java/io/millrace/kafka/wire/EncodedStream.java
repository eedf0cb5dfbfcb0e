package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * An answer of which one slice at a time is computed. Owned by the event loop of the connection.
 */
final class EncodedStream implements EncodedAnswer {

    private static final int MAX_FIRST_CAPACITY = 16 << 10;
    private static final int MAX_HEADER_BYTES = 16;

    private final ResponseHeaderData header;
    private final short headerVersion;
    private final StreamedAnswer.Encoding body;
    private boolean measured;

    /** The remaining bytes of the body, once measured. */
    private int left;

    EncodedStream(ResponseHeaderData header, short headerVersion, StreamedAnswer.Encoding body) {
        this.header = header;
        this.headerVersion = headerVersion;
        this.body = body;
    }

    @Override
    public Optional<ByteBuf> nextPart(ByteBufAllocator allocator) {
        boolean first = !measured;
        if (first) {
            measured = body.measure();
            if (!measured) {
                return Optional.of(Unpooled.EMPTY_BUFFER);
            }
            left = body.sizeBytes();
        } else if (left == 0) {
            return Optional.empty();
        }
        ByteBuf out = allocator.directBuffer(Math.min(left, MAX_FIRST_CAPACITY) + MAX_HEADER_BYTES);
        try {
            if (first) {
                writeHeader(out);
            }
            int from = out.writerIndex();
            body.write(out);
            int written = out.writerIndex() - from;
            if (written == 0 || written > left) {
                throw new IllegalStateException(
                        "A slice of %d bytes was written, but %d bytes are left."
                                .formatted(written, left));
            }
            left -= written;
            return Optional.of(out);
        } catch (RuntimeException bug) {
            out.release();
            throw bug;
        }
    }

    private void writeHeader(ByteBuf out) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        out.writeInt(Math.addExact(header.size(cache, headerVersion), left));
        header.write(new ByteBufWritable(out), cache, headerVersion);
    }

    @Override
    public boolean mustYield() {
        return !measured || left > 0;
    }

    @Override
    public void release() {}
}
