package io.millrace.metadata.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.luben.zstd.Zstd;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.state.MetadataState;
import java.util.List;
import java.util.Map;

/** Entries of the metadata log, as they come from etcd or an archive. */
class EntryFuzzTest {

    @FuzzTest(maxDuration = "20m")
    void anEntryIsDecodedOrCorrupt(byte[] bytes) {
        try {
            EntryCodec.decode(bytes);
        } catch (CorruptMetadataException | UnsupportedEntryException expected) {
            // Nothing else may be thrown.
        }
    }

    /** Every entry that can be decoded can be applied, with the same result on each node. */
    @FuzzTest(maxDuration = "20m")
    void aDecodedEntryIsAppliedAlikeEverywhere(byte[] plain) {
        Entry entry;
        try {
            entry = EntryCodec.decode(Zstd.compress(plain, 1));
        } catch (CorruptMetadataException | UnsupportedEntryException expected) {
            return;
        }
        assertThat(EntryCodec.decode(EntryCodec.encode(entry))).isEqualTo(entry);
        MetadataState one = prepared();
        MetadataState other = prepared();
        try {
            one.apply(new Entry(1, 2, entry.commands()));
        } catch (UnsupportedEntryException expected) {
            return;
        }
        other.apply(new Entry(1, 2, entry.commands()));
        assertThat(one.digest()).isEqualTo(other.digest());
        MetadataState restored =
                CheckpointCodec.decode(
                        CheckpointCodec.encode(one.snapshot()), "test", FeatureLevels.ALL);
        assertThat(restored.digest()).isEqualTo(one.digest());
    }

    private static MetadataState prepared() {
        MetadataState state = new MetadataState();
        state.apply(
                new Entry(
                        1,
                        1,
                        List.of(
                                new Command.TopicCreated("plain", 3, Map.of()),
                                new Command.TopicCreated(
                                        "compacted", 1, Map.of("cleanup.policy", "compact")))));
        return state;
    }
}
