package io.millrace.fetch.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectId.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkFileTest {

    private static final ChunkKey KEY =
            new ChunkKey(new ObjectId(Kind.WAL, 0xF123_4567_89AB_CDEFL, 42), 1 << 20);

    private final ChunkFile format = new ChunkFile("test");
    private final Random random = new Random(1);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] file(ChunkFile writer, ChunkKey key, byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ByteBuffer piece : writer.encode(key, Chunk.of(bytes))) {
            byte[] copy = new byte[piece.remaining()];
            piece.get(copy);
            out.writeBytes(copy);
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 777, 65_536, 65_537, 200_000, 1 << 20})
    void whatIsWrittenIsRead(int length) {
        byte[] bytes = bytes(length);
        byte[] file = file(format, KEY, bytes);
        assertThat(file).hasSize(format.size(length));
        Chunk chunk = format.decode(KEY, length, file).orElseThrow();
        assertThat(chunk.bytes()).isEqualTo(bytes);
        assertThat(chunk.pageCrcs()).isEqualTo(Chunk.of(bytes).pageCrcs());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 777, 66_000})
    void noChangeOfAByteIsBelieved(int length) {
        byte[] file = file(format, KEY, bytes(length));
        for (int at = 0; at < file.length; at++) {
            byte before = file[at];
            file[at] ^= (byte) (1 + random.nextInt(255));
            assertThat(format.decode(KEY, length, file)).as("byte %d", at).isEmpty();
            file[at] = before;
        }
        assertThat(format.decode(KEY, length, file)).isPresent();
    }

    @Test
    void noPartOfAFileIsBelieved() {
        byte[] file = file(format, KEY, bytes(777));
        for (int length = 0; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            byte[] zeros = Arrays.copyOf(cut, file.length);
            assertThat(format.decode(KEY, 777, cut)).as("cut at %d", length).isEmpty();
            assertThat(format.decode(KEY, 777, zeros))
                    .as("zeros from %d", length)
                    .matches(chunk -> chunk.isEmpty() || Arrays.equals(zeros, file));
        }
        assertThat(format.decode(KEY, 777, Arrays.copyOf(file, file.length + 1))).isEmpty();
    }

    @Test
    void aFileIsBelievedOnlyForItsOwnChunk() {
        byte[] file = file(format, KEY, bytes(777));
        ObjectId object = KEY.object();
        for (ChunkKey other :
                new ChunkKey[] {
                    new ChunkKey(object, 0),
                    new ChunkKey(new ObjectId(Kind.SEGMENT, object.incarnation(), 42), 1 << 20),
                    new ChunkKey(new ObjectId(Kind.WAL, object.incarnation(), 43), 1 << 20),
                    new ChunkKey(new ObjectId(Kind.WAL, object.incarnation() + 1, 42), 1 << 20)
                }) {
            assertThat(format.decode(other, 777, file)).as(other.toString()).isEmpty();
        }
        assertThat(format.decode(KEY, 776, file)).isEmpty();
    }

    @Test
    void aFileOfAnotherClusterIsNotBelieved() {
        byte[] file = file(new ChunkFile("tess"), KEY, bytes(777));
        assertThat(format.decode(KEY, 777, file)).isEmpty();
        assertThat(new ChunkFile("tess").decode(KEY, 777, file)).isPresent();
    }

    @Test
    void aNameSaysWhichChunkItIs() {
        for (int i = 0; i < 1000; i++) {
            ChunkKey key =
                    new ChunkKey(
                            new ObjectId(
                                    Kind.values()[random.nextInt(Kind.values().length)],
                                    random.nextLong(),
                                    random.nextLong() >>> 1 + random.nextInt(60)),
                            random.nextLong() >>> 1 + random.nextInt(60));
            assertThat(ChunkFile.key(ChunkFile.name(key))).contains(key);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lock",
                "wal-f123456789abcdef-42-0.chunk.tmp",
                "wal-f123456789abcdef-042-0.chunk",
                "wal-f123456789abcdef-42-9999999999999999999.chunk",
                "WAL-f123456789abcdef-42-0.chunk",
                "wal-f123-42-0.chunk",
                ""
            })
    void filesOfOtherNamesAreNoChunks(String name) {
        assertThat(ChunkFile.key(name)).isEmpty();
    }
}
