package io.millrace.kafka.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameAssemblerTest {

    private static final int MAX = 1 << 20;

    private final FrameAssembler frames = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, MAX);

    private static ByteBuf frame(byte[] content) {
        return Unpooled.buffer().writeInt(content.length).writeBytes(content);
    }

    private List<byte[]> take() {
        List<byte[]> taken = new ArrayList<>();
        for (Optional<ByteBuf> next = frames.next(); next.isPresent(); next = frames.next()) {
            byte[] content = new byte[next.get().readableBytes()];
            next.get().readBytes(content);
            next.get().release();
            taken.add(content);
        }
        return taken;
    }

    @Test
    void framesAreTheSameWhereverReadsEnd() {
        for (long seed = 1; seed <= 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<byte[]> sent = new ArrayList<>();
            ByteBuf all = Unpooled.buffer();
            for (int i = 0; i < 5; i++) {
                byte[] content = new byte[8 + random.nextInt(random.nextBoolean() ? 20 : 300_000)];
                random.nextBytes(content);
                sent.add(content);
                all.writeBytes(frame(content));
            }
            List<byte[]> received = new ArrayList<>();
            while (all.isReadable()) {
                int length = Math.min(all.readableBytes(), 1 + random.nextInt(100_000));
                frames.add(all.readRetainedSlice(length));
                received.addAll(take());
            }
            assertThat(received).as("seed %d", seed).hasSize(5);
            for (int i = 0; i < 5; i++) {
                assertThat(received.get(i)).as("seed %d", seed).isEqualTo(sent.get(i));
            }
            assertThat(frames.bufferedBytes()).isZero();
        }
    }

    @Test
    void aClaimedLengthTakesNoMemory() {
        frames.add(Unpooled.buffer().writeInt(MAX).writeLong(1));
        assertThat(take()).isEmpty();
        assertThat(frames.bufferedBytes()).isEqualTo(Long.BYTES);
        frames.release();
    }

    @Test
    void aLengthOutOfRangeIsRefused() {
        for (int length : new int[] {-1, 0, 7, MAX + 1, Integer.MAX_VALUE}) {
            FrameAssembler fresh = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, MAX);
            fresh.add(Unpooled.buffer().writeInt(length));
            assertThatThrownBy(fresh::next).isInstanceOf(MalformedFrameException.class);
            fresh.release();
        }
    }
}
