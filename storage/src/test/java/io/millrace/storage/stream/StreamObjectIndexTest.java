package io.millrace.storage.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.ObjectStoreException.Corrupt;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamObjectIndexTest {

    private static final int PAGE = StreamObjectFormat.PAGE_BYTES;

    @Test
    void oneFlippedByteAnywhereIsDetected() {
        byte[] object = object(3, 200);

        for (int at = 0; at < object.length; at++) {
            byte[] damaged = object.clone();
            damaged[at] ^= (byte) (1 << (at % 8));
            int where = at;
            assertThatThrownBy(() -> StreamObjectVerifier.verify(StreamObjects.ID, damaged))
                    .as("byte %d", where)
                    .isInstanceOf(Corrupt.class)
                    .hasMessageContaining(StreamObjects.ID.toString());
        }
    }

    @Test
    void oneFlippedByteInAnyPageIsDetected() {
        byte[] object = object(10, 30_000);
        Random random = new Random(11);

        for (int i = 0; i < 100; i++) {
            byte[] damaged = object.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 + random.nextInt(255));
            assertThatThrownBy(() -> StreamObjectVerifier.verify(StreamObjects.ID, damaged))
                    .as("byte %d", at)
                    .isInstanceOf(Corrupt.class);
        }
    }

    @Test
    void aTruncatedObjectIsDetected() {
        byte[] object = object(3, 200);

        for (int length = 0; length < object.length; length++) {
            byte[] torn = Arrays.copyOf(object, length);
            assertThatThrownBy(() -> StreamObjectVerifier.verify(StreamObjects.ID, torn))
                    .as("%d bytes", length)
                    .isInstanceOf(Corrupt.class);
        }
    }

    @Test
    void aDamagedPageIsNamedAndTheOthersCanStillBeRead() {
        byte[] object = object(10, 30_000);
        StreamObjectIndex index = index(object);
        object[2 * PAGE + 17] ^= 1;

        assertThatThrownBy(() -> index.verify(PAGE, Arrays.copyOfRange(object, PAGE, 4 * PAGE)))
                .isInstanceOf(Corrupt.class)
                .hasMessageContaining(StreamObjects.ID.toString())
                .hasMessageContaining("page 2, bytes 131072 to 196608");
        assertThatCode(() -> index.verify(0, object, 0, 2 * PAGE)).doesNotThrowAnyException();
        int end = (int) index.ref().indexPosition();
        assertThatCode(() -> index.verify(3 * PAGE, object, 3 * PAGE, end - 3 * PAGE))
                .doesNotThrowAnyException();
    }

    @Test
    void everyByteOfTheTailIsProtected() {
        byte[] object = object(3, 200);
        StreamObjectTrailer trailer = StreamObjectTrailer.parse(StreamObjects.ID, object);
        byte[] tail = tail(object);

        for (int at = 0; at < tail.length; at++) {
            byte[] damaged = tail.clone();
            damaged[at] ^= 0x20;
            assertThatThrownBy(() -> StreamObjectIndex.parse(trailer.ref(), damaged))
                    .as("byte %d", at)
                    .isInstanceOf(Corrupt.class);
        }
    }

    @Test
    void anotherObjectUnderThisNameIsDetected() {
        byte[] object = object(3, 200);
        ObjectId other = new ObjectId(ObjectId.Kind.WAL, 0x0123456789abcdefL, 43);
        ObjectRef ref = StreamObjectTrailer.parse(StreamObjects.ID, object).ref();
        ObjectRef otherRef = new ObjectRef(other, ref.indexPosition(), ref.sizeBytes());

        assertThatThrownBy(() -> StreamObjectIndex.parse(otherRef, tail(object)))
                .isInstanceOf(Corrupt.class)
                .hasMessageContaining(other.toString())
                .hasMessageContaining(StreamObjects.ID.toString());
    }

    @Test
    void theRunsSayWhatLiesWhere() {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        builder.add(9, 1, StreamObjects.batch(100, 5, new Random(1)));
        builder.add(9, 0, StreamObjects.batch(200, 7, new Random(2)));
        builder.add(9, 1, StreamObjects.batch(300, 1, new Random(3)));
        byte[] object = StreamObjects.bytes(builder.seal(StreamObjects.ID).object());
        ObjectRef ref = StreamObjectTrailer.parse(StreamObjects.ID, object).ref();

        List<Run> runs = StreamObjectIndex.runs(ref, tail(object));

        assertThat(runs)
                .containsExactly(new Run(9, 0, 16, 200, 1, 7), new Run(9, 1, 216, 400, 2, 6));
    }

    @Test
    void partsOfPagesAreRejected() {
        byte[] object = object(10, 30_000);
        StreamObjectIndex index = index(object);

        assertThatThrownBy(() -> index.verify(1, object, 1, PAGE - 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.verify(0, object, 0, PAGE - 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pagesAroundAPartAreFound() {
        StreamObjectIndex index = index(object(10, 30_000));
        long end = index.ref().indexPosition();

        assertThat(index.pageStart(PAGE + 5)).isEqualTo(PAGE);
        assertThat(index.pageEnd(PAGE)).isEqualTo(PAGE);
        assertThat(index.pageEnd(PAGE + 1)).isEqualTo(2 * PAGE);
        assertThat(index.pageEnd(end - 3)).isEqualTo(end);
    }

    private static byte[] object(int batches, int batchSize) {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        for (int i = 0; i < batches; i++) {
            builder.add(1, i % 2, StreamObjects.batch(batchSize, 3, new Random(i)));
        }
        return StreamObjects.bytes(builder.seal(StreamObjects.ID).object());
    }

    private static StreamObjectIndex index(byte[] object) {
        return StreamObjectIndex.parse(
                StreamObjectTrailer.parse(StreamObjects.ID, object).ref(), tail(object));
    }

    private static byte[] tail(byte[] object) {
        ObjectRef ref = StreamObjectTrailer.parse(StreamObjects.ID, object).ref();
        return Arrays.copyOfRange(object, (int) ref.indexPosition(), object.length);
    }
}
