package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.snapshot.StateSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Pins the exact format of level 1. A cluster at that level may have nodes of the first version,
 * which must be able to read everything that this version writes.
 */
class LevelOneTest {

    private static final long DIGEST = 0xeae27a663dcfe076L;
    private static final List<String> LOG = lines("log.hex");
    private static final byte[] SNAPSHOT =
            HexFormat.of().parseHex(String.join("", lines("snapshot.hex")));

    @Test
    void aLogOfLevelOneHasItsRecordedOutcomes() {
        assertThat(applied(FeatureLevels.ALL).digest()).isEqualTo(DIGEST);
    }

    @Test
    void aSnapshotAtLevelOneIsTheRecordedOneByteByByte() {
        assertThat(bytes(applied(FeatureLevels.ALL).snapshot())).isEqualTo(SNAPSHOT);
    }

    @Test
    void aRecordedSnapshotIsReadAndWrittenUnchanged() {
        MetadataState read =
                MetadataState.fromSnapshot(
                        new SnapshotReader(List.of(ByteBuffer.wrap(SNAPSHOT.clone()))),
                        FeatureLevels.ALL);

        assertThat(read.digest()).isEqualTo(DIGEST);
        assertThat(bytes(read.snapshot())).isEqualTo(SNAPSHOT);
    }

    private static MetadataState applied(FeatureLevels levels) {
        MetadataState state = new MetadataState(levels);
        for (String line : LOG) {
            state.apply(EntryCodec.decode(HexFormat.of().parseHex(line)));
        }
        return state;
    }

    private static byte[] bytes(StateSnapshot snapshot) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        SnapshotWriter out =
                new SnapshotWriter(piece -> all.write(piece.array(), 0, piece.limit()));
        snapshot.writeTo(out);
        out.finish();
        return all.toByteArray();
    }

    private static List<String> lines(String name) {
        try (InputStream in = LevelOneTest.class.getResourceAsStream("/level-1/" + name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
