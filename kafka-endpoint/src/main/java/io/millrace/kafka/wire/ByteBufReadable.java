package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Readable;

/**
 * Reads the generated messages from a buffer. Buffers and records alias the bytes and are valid
 * until the buffer is released; strings and arrays are copies. Every length is checked against the
 * remaining bytes before memory is allocated. The generated messages check the lengths of their
 * arrays against {@link #remaining} and against 1,000,000.
 */
public final class ByteBufReadable implements Readable {

    private final ByteBuf bytes;
    private final int maxReads;
    private int readsLeft;

    /**
     * @param bytes the bytes from the reader index on; not released
     * @param maxReads the maximum number of fields
     */
    public ByteBufReadable(ByteBuf bytes, int maxReads) {
        this.bytes = bytes;
        this.maxReads = maxReads;
        this.readsLeft = maxReads;
    }

    /** Returns the number of fields that have been read. */
    public int reads() {
        return maxReads - readsLeft;
    }

    private void require(int length) {
        if (length < 0 || length > bytes.readableBytes()) {
            throw new MalformedFrameException(
                    "A field claims %d bytes, but %d remain."
                            .formatted(length, bytes.readableBytes()));
        }
        if (--readsLeft < 0) {
            throw new MalformedFrameException("The request has too many fields.");
        }
    }

    @Override
    public byte readByte() {
        require(Byte.BYTES);
        return bytes.readByte();
    }

    @Override
    public short readShort() {
        require(Short.BYTES);
        return bytes.readShort();
    }

    @Override
    public int readInt() {
        require(Integer.BYTES);
        return bytes.readInt();
    }

    @Override
    public long readLong() {
        require(Long.BYTES);
        return bytes.readLong();
    }

    @Override
    public double readDouble() {
        require(Double.BYTES);
        return bytes.readDouble();
    }

    @Override
    public byte[] readArray(int length) {
        require(length);
        byte[] copy = new byte[length];
        bytes.readBytes(copy);
        return copy;
    }

    @Override
    public ByteBuffer readByteBuffer(int length) {
        require(length);
        ByteBuffer alias = bytes.nioBuffer(bytes.readerIndex(), length);
        bytes.skipBytes(length);
        return alias;
    }

    @Override
    public int readUnsignedVarint() {
        return (int) varint(Integer.SIZE);
    }

    @Override
    public int readVarint() {
        int value = readUnsignedVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    @Override
    public long readVarlong() {
        long value = varint(Long.SIZE);
        return (value >>> 1) ^ -(value & 1);
    }

    private long varint(int bits) {
        require(Byte.BYTES);
        long value = 0;
        for (int shift = 0; shift < bits; shift += 7) {
            if (!bytes.isReadable()) {
                throw new MalformedFrameException("A number has no end.");
            }
            byte next = bytes.readByte();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedFrameException("A number has more than %d bits.".formatted(bits));
    }

    @Override
    public int remaining() {
        return bytes.readableBytes();
    }

    @Override
    public Readable slice() {
        return new ByteBufReadable(bytes.slice(), readsLeft);
    }
}
