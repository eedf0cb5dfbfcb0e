package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into frames. A frame that arrived in one read is a slice of the
 * read buffer. A longer one is collected in a buffer that grows with the received bytes, at most
 * four times their size, independent of the length that the client claims. Owned by the event loop
 * of the connection.
 */
public final class FrameAssembler {

    private static final int FIRST_BUFFER_BYTES = 64 << 10;
    private static final int GROWTH = 4;

    /** API key, version and correlation id. */
    private static final int MIN_FRAME_BYTES = 8;

    private final ByteBufAllocator allocator;
    private final Queue<ByteBuf> input = new ArrayDeque<>(2);
    private int maxFrameBytes;
    private int lengthBytes;
    private int length;
    private @Nullable ByteBuf partial;

    public FrameAssembler(ByteBufAllocator allocator, int maxFrameBytes) {
        this.allocator = allocator;
        this.maxFrameBytes = maxFrameBytes;
    }

    /** Changes the limit for frames whose length has not arrived. */
    public void limitFrames(int bytes) {
        maxFrameBytes = bytes;
    }

    /** Adds received bytes and takes over the buffer. */
    public void add(ByteBuf received) {
        input.add(received);
    }

    /**
     * Returns the next frame without its length, which the caller releases; empty if it has not
     * arrived completely.
     *
     * @throws MalformedFrameException if the length is out of range; the connection is unusable
     */
    public Optional<ByteBuf> next() {
        for (ByteBuf head = input.peek(); head != null; head = input.peek()) {
            if (!head.isReadable()) {
                input.remove().release();
            } else if (lengthBytes < Integer.BYTES) {
                length = length << 8 | head.readUnsignedByte();
                lengthBytes++;
                checkLength();
            } else {
                ByteBuf frame = complete(head);
                if (frame != null) {
                    lengthBytes = 0;
                    length = 0;
                    partial = null;
                    return Optional.of(frame);
                }
            }
        }
        return Optional.empty();
    }

    private void checkLength() {
        if (lengthBytes == Integer.BYTES && (length < MIN_FRAME_BYTES || length > maxFrameBytes)) {
            throw new MalformedFrameException(
                    "A request claims %d bytes; at least %d and at most %d are possible."
                            .formatted(length, MIN_FRAME_BYTES, maxFrameBytes));
        }
    }

    private @Nullable ByteBuf complete(ByteBuf head) {
        ByteBuf collected = partial;
        if (collected == null) {
            if (head.readableBytes() >= length) {
                return head.readRetainedSlice(length);
            }
            collected = allocator.directBuffer(Math.min(length, FIRST_BUFFER_BYTES), length);
            partial = collected;
        }
        int more = Math.min(head.readableBytes(), length - collected.readableBytes());
        if (collected.writableBytes() < more) {
            collected.capacity(
                    Math.min(
                            length,
                            Math.max(
                                    collected.capacity() * GROWTH,
                                    more + collected.readableBytes())));
        }
        collected.writeBytes(head, more);
        return collected.readableBytes() == length ? collected : null;
    }

    /** Returns the received bytes that are not in a returned frame. */
    public int bufferedBytes() {
        int bytes = partial == null ? 0 : partial.readableBytes();
        for (ByteBuf buffer : input) {
            bytes += buffer.readableBytes();
        }
        return bytes;
    }

    /** Releases all buffers. */
    public void release() {
        input.forEach(ByteBuf::release);
        input.clear();
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }
}
