package io.millrace.storage.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Pins the stream object format of docs/formats.md. A program in Python wrote the files. */
class GoldenStreamObjectTest {

    @Test
    void theBuilderWritesTheGoldenObject() {
        StreamObjectBuilder builder = new StreamObjectBuilder();
        builder.add(7, 1, golden("batch-a"));
        builder.add(3, 0, golden("batch-b"));
        builder.add(7, 0, golden("batch-a"));
        builder.add(7, 1, golden("batch-b"));

        byte[] written = StreamObjects.bytes(builder.seal(StreamObjects.ID).object());

        assertThat(HexFormat.of().formatHex(written))
                .isEqualTo(HexFormat.of().formatHex(golden("object-v1").array()));
    }

    @Test
    void theVerifierReadsTheGoldenObject() {
        int a = golden("batch-a").length();
        int b = golden("batch-b").length();

        List<Run> runs = StreamObjectVerifier.verify(StreamObjects.ID, golden("object-v1").array());

        assertThat(runs)
                .containsExactly(
                        new Run(3, 0, 16, b, 1, 1),
                        new Run(7, 0, 16 + b, a, 1, 2),
                        new Run(7, 1, 16 + b + a, a + b, 2, 3));
    }

    /** Reads the object by the steps of the specification, without the writer's code. */
    @Test
    void aReaderWrittenFromTheSpecificationReadsTheGoldenObject() {
        ByteBuffer object = ByteBuffer.wrap(golden("object-v1").array());
        int size = object.capacity();
        int trailer = size - 80;
        assertThat(object.getLong(trailer + 68)).isEqualTo(0x4D494C4C52414345L);
        assertThat(object.getShort(trailer + 66)).isEqualTo((short) 1);
        assertThat(object.getInt(trailer + 76)).isEqualTo(crc(object, trailer, 76));
        int indexPosition = (int) object.getLong(trailer);
        assertThat(object.getLong(trailer + 8)).isEqualTo(size);
        int indexLength = object.getInt(trailer + 40);
        assertThat(object.getInt(trailer + 44)).isEqualTo(crc(object, indexPosition, indexLength));

        int pages = object.getInt(trailer + 52);
        for (int page = 0; page < pages; page++) {
            int from = page * object.getInt(trailer + 48);
            int length = Math.min(object.getInt(trailer + 48), indexPosition - from);
            assertThat(object.getInt(indexPosition + 4 * page))
                    .isEqualTo(crc(object, from, length));
        }
        List<String> batches = new ArrayList<>();
        for (int run = 0; run < object.getInt(trailer + 56); run++) {
            int at = indexPosition + 4 * pages + 40 * run;
            long position = object.getLong(at + 16);
            for (int batch = 0; batch < object.getInt(at + 12); batch++) {
                int length = 12 + object.getInt((int) position + 8);
                batches.add(
                        "topic %d, partition %d: %d records in %d bytes"
                                .formatted(
                                        object.getLong(at),
                                        object.getInt(at + 8),
                                        object.getInt((int) position + 57),
                                        length));
                position += length;
            }
            assertThat(position).isEqualTo(object.getLong(at + 16) + object.getLong(at + 24));
        }
        int a = golden("batch-a").length();
        int b = golden("batch-b").length();
        assertThat(batches)
                .containsExactly(
                        "topic 3, partition 0: 1 records in " + b + " bytes",
                        "topic 7, partition 0: 2 records in " + a + " bytes",
                        "topic 7, partition 1: 2 records in " + a + " bytes",
                        "topic 7, partition 1: 1 records in " + b + " bytes");
    }

    private static int crc(ByteBuffer bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(from, length));
        return (int) crc.getValue();
    }

    private static Slice golden(String name) {
        try (InputStream in =
                Objects.requireNonNull(
                        GoldenStreamObjectTest.class.getResourceAsStream(
                                "/stream/" + name + ".hex"))) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
            return new Slice(bytes, 0, bytes.length);
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }
}
