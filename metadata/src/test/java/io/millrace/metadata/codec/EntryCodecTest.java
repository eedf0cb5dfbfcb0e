package io.millrace.metadata.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.proto.LogCommand;
import io.millrace.metadata.proto.LogEntry;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.ExtremeCommands;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.state.RandomEntries;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EntryCodecTest {

    @Test
    void everyKindOfCommandIsDecodedUnchanged() {
        List<Command> commands = new ArrayList<>();
        commands.add(
                new Command.TopicCreated(
                        "orders", 3, Map.of("retention.ms", "1000", "compression.type", "zstd")));
        commands.add(new Command.IncarnationClosed(-7));
        new RandomEntries(new SplittableRandom(3))
                .log(500)
                .forEach(entry -> commands.addAll(entry.commands()));
        Entry entry = new Entry(-1, 9, commands);

        assertThat(EntryCodec.decode(EntryCodec.encode(entry))).isEqualTo(entry);
        assertThat(commands.stream().map(Object::getClass).distinct())
                .hasSize(Command.class.getPermittedSubclasses().length);
    }

    @Test
    void extremesOfEveryFieldAreDecodedUnchanged() {
        ExtremeCommands extremes = new ExtremeCommands(new SplittableRandom(5));
        for (int i = 0; i < 1_000; i++) {
            Entry entry = new Entry(Long.MIN_VALUE, Long.MAX_VALUE, extremes.next());

            assertThat(EntryCodec.decode(EntryCodec.encode(entry))).isEqualTo(entry);
        }
    }

    @Test
    void everyOutcomeIsDecodedUnchanged() {
        MetadataState state = new MetadataState(TestLevels.TWO);
        List<Outcome> outcomes = new ArrayList<>();
        for (Entry entry : new RandomEntries(new SplittableRandom(4)).log(500)) {
            if (state.apply(entry) instanceof ApplyResult.Outcomes applied) {
                outcomes.addAll(applied.outcomes());
            }
        }

        assertThat(OutcomeCodec.decode(OutcomeCodec.encode(outcomes))).isEqualTo(outcomes);
        assertThat(outcomes.stream().map(Object::getClass).distinct())
                .hasSize(Outcome.class.getPermittedSubclasses().length);
        assertThat(outcomes)
                .anyMatch(outcome ->
                        outcome instanceof Outcome.TopicReady(Topic topic)
                                && topic.partitionCount() > 1);
    }

    @Test
    void aCutOrForeignEntryIsCorrupt() {
        byte[] sound = EntryCodec.encode(new Entry(1, 1, List.of(new Command.TopicDeleted(5))));
        for (int length = 0; length < sound.length; length++) {
            byte[] cut = Arrays.copyOf(sound, length);
            assertThatThrownBy(() -> EntryCodec.decode(cut))
                    .isInstanceOf(CorruptMetadataException.class);
        }
        byte[] noise = new byte[200];
        new Random(1).nextBytes(noise);
        assertThatThrownBy(() -> EntryCodec.decode(noise))
                .isInstanceOf(CorruptMetadataException.class);
        assertThatThrownBy(() -> EntryCodec.decode(Zstd.compress(noise)))
                .isInstanceOf(CorruptMetadataException.class);
    }

    @Test
    void anEntryThatNoNodeWouldReadIsNotMade() {
        String half = "a".repeat(EntryCodec.MAX_PLAIN_BYTES / 2);
        List<Command> fits = List.of(new Command.TopicCreated(half, 1, Map.of()));
        List<Command> tooLarge =
                List.of(fits.getFirst(), new Command.TopicCreated(half, 1, Map.of()));

        byte[] bytes = EntryCodec.encode(new Entry(1, 1, fits));
        assertThat(EntryCodec.decode(bytes).commands()).isEqualTo(fits);
        assertThatThrownBy(() -> EntryCodec.encode(new Entry(1, 1, tooLarge)))
                .isInstanceOf(EntryCodec.EntryTooLargeException.class);
    }

    @Test
    void aCommandOfANewerVersionIsNeverSkipped() {
        byte[] newer =
                Zstd.compress(
                        LogEntry.newBuilder()
                                .setIncarnation(1)
                                .setSequence(1)
                                .addCommands(LogCommand.getDefaultInstance())
                                .build()
                                .toByteArray());

        assertThatThrownBy(() -> EntryCodec.decode(newer))
                .isInstanceOf(UnsupportedEntryException.class)
                .hasMessageContaining("newer version");
    }
}
