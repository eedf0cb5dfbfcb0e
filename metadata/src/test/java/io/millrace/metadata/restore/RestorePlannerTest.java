package io.millrace.metadata.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.proto.StoredLogManifest;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class RestorePlannerTest {

    private static final RestoreTarget NEWEST = new RestoreTarget.Newest();

    private static StoredCheckpoint checkpoint(long position, long storedMs) {
        return StoredCheckpoint.newBuilder()
                .setKey("checkpoint-" + position)
                .setPosition(position)
                .setStoredMs(storedMs)
                .build();
    }

    private static StoredArchive archive(long first, long last) {
        return StoredArchive.newBuilder()
                .setKey("archive-" + first)
                .setFirstPosition(first)
                .setEntries(last - first + 1)
                .build();
    }

    private static RestorableLog log(
            long generation, StoredLogManifest.Builder manifest, StoredArchive... archives) {
        long end = 0;
        for (StoredArchive archive : archives) {
            end = Math.max(end, LogManifest.lastPosition(archive));
        }
        manifest.addAllArchives(List.of(archives));
        manifest.setFirstLiveEpoch(archives.length + 1);
        manifest.setFirstLivePosition(Math.max(end, manifest.getCheckpoint().getPosition()) + 1);
        LogManifest parsed = LogManifest.parse(manifest.build().toByteArray(), "test");
        return new RestorableLog(ManifestKey.of(generation, parsed, 1), parsed);
    }

    /** A log whose entries up to 20 are archived, and whose checkpoint covers entries up to 30. */
    private static RestorableLog checkpointAheadOfArchives() {
        StoredLogManifest manifest =
                twoCheckpoints()
                        .addArchives(archive(11, 20))
                        .setFirstLiveEpoch(2)
                        .setFirstLivePosition(21)
                        .build();
        LogManifest parsed = LogManifest.parse(manifest.toByteArray(), "test");
        return new RestorableLog(ManifestKey.of(1, parsed, 1), parsed);
    }

    private static RestorePlan plan(RestoreTarget target, RestorableLog... logs) {
        return RestorePlanner.plan(List.of(logs), OptionalLong.empty(), target);
    }

    private static List<String> names(RestorePlan plan) {
        return plan.objects().stream().map(object -> object.key().value()).toList();
    }

    private static StoredLogManifest.Builder twoCheckpoints() {
        return StoredLogManifest.newBuilder()
                .addSuperseded(checkpoint(10, 1_000))
                .setCheckpoint(checkpoint(30, 3_000));
    }

    private static RestorableLog fourArchives() {
        return log(
                1,
                twoCheckpoints(),
                archive(11, 20),
                archive(21, 30),
                archive(31, 40),
                archive(41, 50));
    }

    @Test
    void theNewestPointIsTheNewestCheckpointAndAllLaterArchives() {
        assertThat(names(plan(NEWEST, fourArchives())))
                .containsExactly("checkpoint-30", "archive-31", "archive-41");
    }

    @Test
    void aCheckpointMayReachFurtherThanTheArchives() {
        RestorableLog log = checkpointAheadOfArchives();

        assertThat(log.end()).isEqualTo(30);
        assertThat(names(plan(NEWEST, log))).containsExactly("checkpoint-30");
        assertThat(names(plan(new RestoreTarget.Entry(30), log))).containsExactly("checkpoint-30");
        assertThatThrownBy(() -> plan(new RestoreTarget.Entry(25), log))
                .isInstanceOf(RestoreRefusedException.class)
                .hasMessageContaining("entries 21 to 25");
    }

    @Test
    void anOlderEntryStartsAtTheCheckpointBeforeIt() {
        assertThat(names(plan(new RestoreTarget.Entry(25), fourArchives())))
                .containsExactly("checkpoint-10", "archive-11", "archive-21");
        assertThat(names(plan(new RestoreTarget.Entry(10), fourArchives())))
                .containsExactly("checkpoint-10");
    }

    @Test
    void aTimeStartsAtTheCheckpointThatWasStoredBefore() {
        RestoreTarget before = new RestoreTarget.Time(Instant.ofEpochMilli(2_999));
        assertThat(names(plan(before, fourArchives())).getFirst()).isEqualTo("checkpoint-10");
        RestoreTarget after = new RestoreTarget.Time(Instant.ofEpochMilli(3_000));
        assertThat(names(plan(after, fourArchives())).getFirst()).isEqualTo("checkpoint-30");
    }

    @Test
    void aLogWithoutACheckpointIsReplayedFromItsBeginning() {
        RestorableLog young = log(1, StoredLogManifest.newBuilder(), archive(1, 7));

        assertThat(names(plan(NEWEST, young))).containsExactly("archive-1");
    }

    @Test
    void aGapBetweenArchivesIsNamed() {
        RestorableLog gap = log(1, twoCheckpoints(), archive(31, 40), archive(51, 60));

        assertThatThrownBy(() -> plan(NEWEST, gap))
                .isInstanceOf(RestoreRefusedException.class)
                .hasMessageContaining("the entries 41 to 50")
                .hasMessageContaining("--to 40");
        assertThat(names(plan(new RestoreTarget.Entry(40), gap)))
                .containsExactly("checkpoint-30", "archive-31");
    }

    @Test
    void overlappingArchivesAreNoGap() {
        RestorableLog overlap = log(1, twoCheckpoints(), archive(21, 35), archive(31, 40));

        assertThat(names(plan(NEWEST, overlap)))
                .containsExactly("checkpoint-30", "archive-21", "archive-31");
    }

    @Test
    void aPointBeforeTheOldestCheckpointIsRefusedWithTheReachablePoints() {
        assertThatThrownBy(() -> plan(new RestoreTarget.Entry(9), fourArchives()))
                .hasMessageContaining("from entry 10, stored at 1970-01-01T00:00:01Z, to entry 50")
                .hasMessageContaining("not to entry 9");
        assertThatThrownBy(() ->
                        plan(new RestoreTarget.Time(Instant.ofEpochMilli(999)), fourArchives()))
                .hasMessageContaining("but not to 1970-01-01T00:00:00.999Z");
    }

    @Test
    void anEntryThatWasInEtcdOnlyIsRefused() {
        assertThatThrownBy(() -> plan(new RestoreTarget.Entry(51), fourArchives()))
                .hasMessageContaining("to entry 50, but not to entry 51");
    }

    @Test
    void anEmptyLogIsRefused() {
        assertThatThrownBy(() -> plan(NEWEST, log(1, StoredLogManifest.newBuilder())))
                .hasMessageContaining("no archived entry");
    }

    @Test
    void theNewestGenerationIsRestoredUnlessAnotherIsGiven() {
        RestorableLog newer = log(2, twoCheckpoints(), archive(31, 35));

        RestorePlan newest = plan(NEWEST, fourArchives(), newer);
        assertThat(newest.log()).isEqualTo(newer);
        assertThat(newest.others()).containsExactly(fourArchives());
        assertThat(
                        RestorePlanner.plan(
                                        List.of(fourArchives(), newer), OptionalLong.of(1), NEWEST)
                                .log())
                .isEqualTo(fourArchives());
        assertThatThrownBy(() ->
                        RestorePlanner.plan(
                                List.of(fourArchives(), newer), OptionalLong.of(3), NEWEST))
                .hasMessageContaining("generation 3, only of [2, 1]");
    }

    @Test
    void ofSeveralBackupsTheNewestThatReachesBackToTheTargetIsUsed() {
        StoredLogManifest.Builder start =
                StoredLogManifest.newBuilder().setCheckpoint(checkpoint(30, 3_000));
        RestorableLog later = log(1, start, archive(31, 40), archive(41, 50), archive(51, 60));
        RestorableLog earlier =
                log(
                        1,
                        StoredLogManifest.newBuilder().setCheckpoint(checkpoint(10, 1_000)),
                        archive(11, 20));

        assertThat(plan(NEWEST, earlier, later).log()).isEqualTo(later);
        assertThat(plan(new RestoreTarget.Entry(12), earlier, later).log()).isEqualTo(earlier);
        assertThatThrownBy(() -> plan(new RestoreTarget.Entry(25), earlier, later))
                .isInstanceOf(RestoreRefusedException.class);
    }
}
