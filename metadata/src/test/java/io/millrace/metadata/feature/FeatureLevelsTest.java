package io.millrace.metadata.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.TestLevels;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nodes of two versions of Millrace that apply one log. */
class FeatureLevelsTest {

    private static final Set<Reason> LATER_REASONS =
            Set.of(Reason.UNKNOWN_TOPIC, Reason.UNKNOWN_PARTITION);

    private static final Command NEW_COMMAND = new Command.GroupsExpired(0);

    /**
     * Levels of a later version: {@code segment.compression} and two reasons came with the second
     * level, which also has larger limits.
     */
    private static final LevelContents LATER_CONTENTS =
            new LevelContents(
                    command -> 1,
                    setting -> setting == TopicSetting.SEGMENT_COMPRESSION ? 2 : 1,
                    (level, reason) ->
                            level < 2 && LATER_REASONS.contains(reason)
                                    ? Reason.MALFORMED_REQUEST
                                    : reason,
                    level ->
                            new StateLimits(
                                    level, 2 * level, level, 2 * level, level, level, level, level,
                                    level));

    private static final FeatureLevels LATER = new FeatureLevels(2, LATER_CONTENTS);

    private long sequence;

    private Outcome apply(MetadataState state, Command command) {
        Entry entry = new Entry(7, ++sequence, List.of(command));
        return ((ApplyResult.Outcomes) state.apply(entry)).outcomes().getFirst();
    }

    private MetadataState raised() {
        MetadataState state = new MetadataState(TestLevels.TWO);
        assertThat(apply(state, new Command.FeatureLevelRaised(2)))
                .isEqualTo(new Outcome.Completed());
        return state;
    }

    private static Reason reason(Outcome outcome) {
        return ((Outcome.CommandRejected) outcome).problem().reason();
    }

    @Test
    void aClusterBeginsAtTheOldestLevel() {
        assertThat(new MetadataState(TestLevels.TWO).featureLevel())
                .isEqualTo(FeatureLevels.OLDEST);
    }

    @Test
    void aCommandIsRejectedUntilItsLevelIsInForce() {
        MetadataState state = new MetadataState(TestLevels.TWO);
        Outcome early = apply(state, NEW_COMMAND);
        assertThat(reason(early)).isEqualTo(Reason.FEATURE_LEVEL_TOO_LOW);
        assertThat(early.toString()).contains("feature level 1", "needs level 2");

        apply(state, new Command.FeatureLevelRaised(2));

        assertThat(state.featureLevel()).isEqualTo(2);
        assertThat(apply(state, NEW_COMMAND)).isEqualTo(new Outcome.Completed());
    }

    private static Command create(String name, int partitions) {
        return new Command.TopicCreated(name, partitions, Map.of());
    }

    private static Command block(long topicId) {
        ObjectRef object = new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, 1), 1_000, 2_000);
        return new Command.BlockCommitted(
                object,
                5_000,
                List.of(new BatchItem(topicId, 0, 1, 0, 100, 4_000, ProducerStamp.NONE)));
    }

    @Test
    void aTopicSettingIsRejectedUntilItsLevelIsInForce() {
        MetadataState state = new MetadataState(LATER);
        Map<String, String> later = Map.of("segment.compression", "zstd");
        apply(state, create("orders", 1));
        long topic = state.topics().named("orders").orElseThrow().id();
        List<Command> commands =
                List.of(
                        new Command.TopicCreated("prices", 1, later),
                        new Command.TopicConfigured(topic, later, Set.of()),
                        new Command.TopicConfigured(topic, Map.of(), later.keySet()));

        assertThat(commands)
                .allSatisfy(command ->
                        assertThat(reason(apply(state, command)))
                                .isEqualTo(Reason.FEATURE_LEVEL_TOO_LOW));

        apply(state, new Command.FeatureLevelRaised(2));
        assertThat(commands)
                .allSatisfy(command ->
                        assertThat(apply(state, command)).isInstanceOf(Outcome.TopicReady.class));
    }

    @Test
    void aNodeStopsAtATopicSettingAboveItsLevel() {
        MetadataState held = new MetadataState(new FeatureLevels(1, LATER_CONTENTS));
        Command later =
                new Command.TopicCreated("prices", 1, Map.of("segment.compression", "zstd"));

        assertThatThrownBy(() -> apply(held, later))
                .isInstanceOf(UnsupportedEntryException.class)
                .hasMessageContaining("newer version of Millrace");
    }

    @Test
    void limitsBelongToTheLevelInForce() {
        MetadataState state = new MetadataState(LATER);
        assertThat(reason(apply(state, create("wide", 2))))
                .isEqualTo(Reason.INVALID_PARTITION_COUNT);
        assertThat(apply(state, new Command.GroupClaimed("a", 7, 0)))
                .isInstanceOf(Outcome.GroupClaim.class);
        assertThat(reason(apply(state, new Command.GroupClaimed("b", 7, 0))))
                .isEqualTo(Reason.GROUP_LIMIT_REACHED);

        apply(state, new Command.FeatureLevelRaised(2));

        assertThat(apply(state, create("wide", 2))).isInstanceOf(Outcome.TopicReady.class);
        assertThat(apply(state, new Command.GroupClaimed("b", 7, 0)))
                .isInstanceOf(Outcome.GroupClaim.class);
    }

    @Test
    void aReasonIsNotProducedBelowItsLevelAndTheStateIsThatOfTheOlderVersion() {
        MetadataState state = new MetadataState(LATER);
        LevelContents same = LevelContents.OF_CODE;
        MetadataState older =
                new MetadataState(
                        new FeatureLevels(
                                1,
                                new LevelContents(
                                        same.commands(),
                                        same.settings(),
                                        (level, reason) ->
                                                LATER_REASONS.contains(reason)
                                                        ? Reason.MALFORMED_REQUEST
                                                        : reason,
                                        same.limits())));
        Command trim = new Command.LogStartAdvanced(1, List.of(new LogStart(5, 1)));
        List<Command> log =
                List.of(create("orders", 1), new Command.TopicDeleted(99), block(99), trim);

        for (Command command : log) {
            Outcome outcome = apply(state, command);
            sequence--;
            assertThat(outcome).isEqualTo(apply(older, command));
            assertThat(outcome.toString()).doesNotContain("UNKNOWN");
        }
        assertThat(state.digest()).isEqualTo(older.digest());

        apply(state, new Command.FeatureLevelRaised(2));
        assertThat(apply(state, block(99)).toString()).contains("UNKNOWN_PARTITION");
        assertThat(apply(state, trim).toString()).contains("UNKNOWN_PARTITION");
        assertThat(reason(apply(state, new Command.TopicDeleted(99))))
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void theLevelNeverFalls() {
        MetadataState state = raised();

        assertThat(reason(apply(state, new Command.FeatureLevelRaised(2))))
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(reason(apply(state, new Command.FeatureLevelRaised(1))))
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(state.featureLevel()).isEqualTo(2);
    }

    @Test
    void aCheckpointKeepsTheLevel() {
        MetadataState state = raised();
        byte[] checkpoint = CheckpointCodec.encode(state.snapshot());

        MetadataState read = CheckpointCodec.decode(checkpoint, "checkpoint", TestLevels.TWO);

        assertThat(read.featureLevel()).isEqualTo(2);
        assertThat(apply(read, NEW_COMMAND)).isEqualTo(new Outcome.Completed());
    }

    @Test
    void aNodeOfAnOlderVersionStopsAboveItsLevelAndAsksForANewerVersion() {
        assertStops(TestLevels.ONE, "at most 1", "newer version of Millrace");
    }

    private void assertStops(FeatureLevels levels, String... message) {
        byte[] checkpoint = CheckpointCodec.encode(raised().snapshot());
        sequence = 0;
        assertThatThrownBy(
                        () -> apply(new MetadataState(levels), new Command.FeatureLevelRaised(2)))
                .isInstanceOf(UnsupportedEntryException.class)
                .hasMessageContainingAll(message);
        sequence = 0;
        assertThatThrownBy(() -> apply(new MetadataState(levels), NEW_COMMAND))
                .isInstanceOf(UnsupportedEntryException.class)
                .hasMessageContainingAll(message);
        assertThatThrownBy(() -> CheckpointCodec.decode(checkpoint, "checkpoint", levels))
                .isInstanceOf(UnsupportedEntryException.class)
                .hasMessageContainingAll(message);
    }
}
