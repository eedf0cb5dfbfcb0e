package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Pins the exact format of level 1. A cluster at that level may have nodes of the first version,
 * which must be able to read everything that this version writes.
 */
class LevelOneTest {

    private static final long DIGEST = 0x20ae3b8ae87097a4L;
    private static final long DIGEST_WITH_EXTREMES = 0xfef19ca3e87e33e7L;
    private static final List<String> LOG = lines("log.hex");

    /** Follows the log: commands of every kind whose fields have extreme values. */
    private static final List<String> EXTREMES = lines("extremes.hex");

    private static final byte[] SNAPSHOT =
            HexFormat.of().parseHex(String.join("", lines("snapshot.hex")));

    @Test
    void aLogOfLevelOneHasItsRecordedOutcomes() {
        assertThat(applied(FeatureLevels.ALL).digest()).isEqualTo(DIGEST);
    }

    @Test
    void extremeCommandsOfLevelOneHaveTheirRecordedOutcomes() {
        MetadataState state = applied(FeatureLevels.ALL);
        apply(state, EXTREMES);

        assertThat(state.digest()).isEqualTo(DIGEST_WITH_EXTREMES);
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

    @Test
    void theRecordedLogsHaveEveryKindOfCommand() {
        assertThat(Stream.of(LOG, EXTREMES).flatMap(List::stream))
                .flatExtracting(line -> EntryCodec.decode(HexFormat.of().parseHex(line)).commands())
                .extracting(Object::getClass)
                .contains(Command.class.getPermittedSubclasses());
    }

    @Test
    void everyLevelHasARecordedLog() {
        for (int level = FeatureLevels.OLDEST; level <= FeatureLevels.ALL.newest(); level++) {
            assertThat(LevelOneTest.class.getResource("/level-%d/log.hex".formatted(level)))
                    .as("the log of level %d", level)
                    .isNotNull();
        }
    }

    private static MetadataState applied(FeatureLevels levels) {
        MetadataState state = new MetadataState(levels);
        apply(state, LOG);
        return state;
    }

    private static void apply(MetadataState state, List<String> log) {
        for (String line : log) {
            state.apply(EntryCodec.decode(HexFormat.of().parseHex(line)));
        }
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
