package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * The bytes of a generated message before and after one of its arrays, whose elements are written
 * one by one instead of being part of the message. Immutable.
 */
public final class ArrayEnvelope {

    private static final int VARINT_BITS = 7;

    private final boolean flexible;
    private final byte[] before;
    private final byte[] after;

    /**
     * @param message a message whose array is empty
     * @param flexible whether the version has the compact lengths of flexible versions
     * @param bytesAfter the number of bytes after the array in this version
     */
    public ArrayEnvelope(Message message, short version, boolean flexible, int bytesAfter) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuf bytes = Unpooled.buffer(message.size(cache, version));
        message.write(new ByteBufWritable(bytes), cache, version);
        byte[] all = ByteBufUtil.getBytes(bytes);
        this.flexible = flexible;
        this.before = Arrays.copyOf(all, all.length - bytesAfter - lengthBytes(0));
        this.after = Arrays.copyOfRange(all, all.length - bytesAfter, all.length);
    }

    private int lengthBytes(int elements) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(elements + 1);
        return flexible ? (bits + VARINT_BITS - 1) / VARINT_BITS : Integer.BYTES;
    }

    /** Returns the size of the message without the elements of the array. */
    public int sizeBytes(int elements) {
        return before.length + lengthBytes(elements) + after.length;
    }

    /** Writes the message up to the first element of the array. */
    public void writeBefore(ByteBuf out, int elements) {
        out.writeBytes(before);
        if (flexible) {
            new ByteBufWritable(out).writeUnsignedVarint(elements + 1);
        } else {
            out.writeInt(elements);
        }
    }

    /** Writes the message from the end of the array. */
    public void writeAfter(ByteBuf out) {
        out.writeBytes(after);
    }
}
