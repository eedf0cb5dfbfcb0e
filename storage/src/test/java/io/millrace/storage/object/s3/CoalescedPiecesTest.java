package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CoalescedPiecesTest {

    private static List<ByteBuffer> coalesced(List<ByteBuffer> pieces) {
        long size = pieces.stream().mapToLong(ByteBuffer::remaining).sum();
        List<ByteBuffer> all = new ArrayList<>();
        new CoalescedPieces(pieces, size).forEachRemaining(all::add);
        return all;
    }

    @Test
    void manySmallPiecesBecomeFew() {
        List<ByteBuffer> pieces =
                coalesced(
                        Collections.nCopies(10_000, 13).stream()
                                .map(ByteBuffer::allocate)
                                .toList());
        assertThat(pieces).extracting(ByteBuffer::remaining).containsExactly(65_536, 64_464);
    }

    @Test
    void aLargePieceIsNotCopied() {
        ByteBuffer large = ByteBuffer.allocate(1 << 20);
        assertThat(coalesced(List.of(large))).singleElement().isSameAs(large);
    }

    @Test
    void aBodyOfOnePieceIsNotCopiedHoweverSmall() {
        ByteBuffer small = ByteBuffer.allocate(3);
        assertThat(coalesced(List.of(small))).singleElement().isSameAs(small);
    }

    @Test
    void anEmptyBodyHasNoPieces() {
        assertThat(coalesced(List.of(ByteBuffer.allocate(0)))).isEmpty();
        Iterator<ByteBuffer> none = new CoalescedPieces(List.of(), 0);
        assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void whateverTheSizesTheBytesStayTheSame() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] whole = new byte[random.nextInt(500_000)];
            random.nextBytes(whole);
            List<ByteBuffer> pieces = new ArrayList<>();
            for (int from = 0; from < whole.length; ) {
                int max = random.nextInt(4) == 0 ? 200_000 : 2000;
                int length = Math.min(whole.length - from, random.nextInt(max));
                pieces.add(ByteBuffer.wrap(whole, from, length).slice());
                from += length;
            }
            List<ByteBuffer> coalesced = coalesced(pieces);
            assertThat(coalesced.subList(0, Math.max(0, coalesced.size() - 1)))
                    .as("seed " + seed)
                    .allMatch(piece -> piece.remaining() >= CoalescedPieces.MIN_BYTES);
            ByteBuffer joined = ByteBuffer.allocate(whole.length);
            coalesced.forEach(joined::put);
            assertThat(joined.array()).as("seed " + seed).isEqualTo(whole);
        }
    }
}
