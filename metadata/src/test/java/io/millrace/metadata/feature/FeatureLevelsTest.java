package io.millrace.metadata.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.TestLevels;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.protocol.error.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes of two versions of Millrace that apply one log. */
class FeatureLevelsTest {

    private static final Command NEW_COMMAND = new Command.GroupsExpired(0);

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
    void aNodeThatIsHeldStopsAboveItsLevelAndNamesTheSetting() {
        assertStops(TestLevels.ONE, "at most 1", "millrace.max-feature-level");
    }

    @Test
    void aNodeOfAnOlderVersionStopsAboveItsLevelAndAsksForANewerVersion() {
        FeatureLevels oldVersion =
                new FeatureLevels(1, command -> command instanceof Command.GroupsExpired ? 2 : 1);

        assertStops(oldVersion, "at most 1", "newer version of Millrace");
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

    @Test
    void aMaximumAboveTheNewestLevelChangesNothing() {
        assertThat(FeatureLevels.ALL.atMost(99).newest()).isEqualTo(FeatureLevels.ALL.newest());
    }

    @Test
    void thereIsNoLevelBelowTheOldest() {
        assertThatThrownBy(() -> FeatureLevels.ALL.atMost(0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
