package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Writes the generated messages to a buffer. {@link WireRecords} are not copied: their places are
 * noted for {@link EncodedAnswer}.
 */
public final class ByteBufWritable implements Writable {

    /**
     * @param index the index in the buffer at which the records belong
     */
    record Insertion(int index, WireRecords records) {}

    private final ByteBuf bytes;
    private final List<Insertion> insertions = new ArrayList<>(0);

    public ByteBufWritable(ByteBuf bytes) {
        this.bytes = bytes;
    }

    List<Insertion> insertions() {
        return insertions;
    }

    @Override
    public void writeByte(byte value) {
        bytes.writeByte(value);
    }

    @Override
    public void writeShort(short value) {
        bytes.writeShort(value);
    }

    @Override
    public void writeInt(int value) {
        bytes.writeInt(value);
    }

    @Override
    public void writeLong(long value) {
        bytes.writeLong(value);
    }

    @Override
    public void writeDouble(double value) {
        bytes.writeDouble(value);
    }

    @Override
    public void writeByteArray(byte[] array) {
        bytes.writeBytes(array);
    }

    @Override
    public void writeByteBuffer(ByteBuffer buffer) {
        bytes.writeBytes(buffer.duplicate());
    }

    @Override
    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            bytes.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        bytes.writeByte(rest);
    }

    @Override
    public void writeVarint(int value) {
        writeUnsignedVarint(value << 1 ^ value >> 31);
    }

    @Override
    public void writeVarlong(long value) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            bytes.writeByte((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        bytes.writeByte((int) rest);
    }

    @Override
    public void writeRecords(BaseRecords records) {
        switch (records) {
            case WireRecords wire -> {
                if (wire.sizeInBytes() > 0) {
                    insertions.add(new Insertion(bytes.writerIndex(), wire));
                }
            }
            case MemoryRecords memory -> writeByteBuffer(memory.buffer());
            default ->
                    throw new IllegalArgumentException(
                            "Records of %s cannot be written.".formatted(records.getClass()));
        }
    }
}
