package io.millrace.storage.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ObjectStoreException.Corrupt;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamObjectCheckTest {

    private static final int PAGE = StreamObjectFormat.PAGE_BYTES;

    private static byte[] object(Random random, int damagedBatch) {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        int batches = 1 + random.nextInt(40);
        for (int i = 0; i < batches; i++) {
            int size = 100 + random.nextInt(1 << (7 + random.nextInt(11)));
            Slice batch = StreamObjects.batch(size, 1 + random.nextInt(5), random);
            if (i == damagedBatch) {
                damage(batch.array(), random);
            }
            builder.add(1 + random.nextInt(3), random.nextInt(2), batch);
        }
        return StreamObjects.bytes(builder.seal(StreamObjects.ID).object());
    }

    /**
     * Damages a batch before the page checksums are computed, so that only the batch's checksum or
     * length can reveal the damage.
     */
    private static void damage(byte[] batch, Random random) {
        switch (random.nextInt(3)) {
            case 0 -> batch[BatchHeader.BYTES + random.nextInt(30)] ^= 1;
            case 1 -> batch[16] = 7;
            default -> batch[9 + random.nextInt(3)] ^= 1;
        }
    }

    private static void inPieces(byte[] object, Random random) {
        ObjectRef ref = StreamObjectTrailer.parse(StreamObjects.ID, object).ref();
        int end = (int) ref.indexPosition();
        StreamObjectCheck check =
                new StreamObjectCheck(ref, Arrays.copyOfRange(object, end, object.length));
        while (check.position() < end) {
            int from = (int) check.position();
            int length = Math.min(end - from, PAGE * (1 + random.nextInt(4)));
            byte[] piece = Arrays.copyOfRange(object, from, from + length);
            check.add(piece, 0, length);
            Arrays.fill(piece, (byte) 0);
        }
        assertThat(check.runs()).isEqualTo(StreamObjectVerifier.verify(StreamObjects.ID, object));
    }

    @Test
    void aValidObjectIsValidInAnyPieces() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] object = object(random, -1);
            assertThatCode(() -> inPieces(object, random))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void piecesRevealTheSameDamageAsTheWhole() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] object = object(random, 0);
            Throwable whole =
                    catchThrowable(() -> StreamObjectVerifier.verify(StreamObjects.ID, object));
            assertThat(whole).as("seed %d", seed).isInstanceOf(Corrupt.class);
            assertThat(catchThrowable(() -> inPieces(object, random)))
                    .as("seed %d", seed)
                    .isInstanceOf(Corrupt.class)
                    .hasMessage(whole.getMessage());
        }
    }

    @Test
    void aFlippedBitIsFoundInAnyPieces() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] object = object(random, -1);
            object[random.nextInt(object.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(catchThrowable(() -> inPieces(object, random)))
                    .as("seed %d", seed)
                    .isInstanceOf(Corrupt.class);
        }
    }
}
