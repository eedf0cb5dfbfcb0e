package io.millrace.kafka.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ByteBufReadableTest {

    private static ByteBufReadable reading(ByteBuf bytes) {
        return new ByteBufReadable(bytes, 1_000_000);
    }

    @Test
    void numbersAreReadAsTheyWereWritten() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            long value = random.nextLong() >> random.nextInt(Long.SIZE);
            ByteBuf bytes = Unpooled.buffer();
            ByteBufWritable out = new ByteBufWritable(bytes);
            out.writeVarlong(value);
            out.writeVarint((int) value);
            out.writeUnsignedVarint((int) value);
            out.writeLong(value);
            out.writeDouble(value);
            ByteBufReadable in = reading(bytes);
            assertThat(in.readVarlong()).isEqualTo(value);
            assertThat(in.readVarint()).isEqualTo((int) value);
            assertThat(in.readUnsignedVarint()).isEqualTo((int) value);
            assertThat(in.readLong()).isEqualTo(value);
            assertThat(in.readDouble()).isEqualTo(value);
            assertThat(in.remaining()).isZero();
        }
    }

    @Test
    void aLengthBeyondTheEndIsRefusedBeforeMemoryIsAllocated() {
        for (int length : new int[] {-1, 5, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> reading(Unpooled.buffer().writeInt(1)).readArray(length))
                    .isInstanceOf(MalformedFrameException.class);
            assertThatThrownBy(() -> reading(Unpooled.buffer().writeInt(1)).readByteBuffer(length))
                    .isInstanceOf(MalformedFrameException.class);
        }
    }

    @Test
    void anEndlessNumberIsRefused() {
        ByteBuf bytes = Unpooled.buffer();
        for (int i = 0; i < 11; i++) {
            bytes.writeByte(0xff);
        }
        assertThatThrownBy(() -> reading(bytes.duplicate()).readVarlong())
                .isInstanceOf(MalformedFrameException.class);
        assertThatThrownBy(() -> reading(bytes.duplicate()).readUnsignedVarint())
                .isInstanceOf(MalformedFrameException.class);
        assertThatThrownBy(() -> reading(bytes.slice(0, 2)).readUnsignedVarint())
                .isInstanceOf(MalformedFrameException.class);
    }

    @Test
    void tooManyFieldsAreRefused() {
        ByteBufReadable in = new ByteBufReadable(Unpooled.buffer().writeLong(1), 3);
        in.readByte();
        in.readShort();
        in.readByte();
        assertThatThrownBy(in::readByte).isInstanceOf(MalformedFrameException.class);
    }
}
