package io.millrace.metadata.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.state.MetadataState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The contract of {@link MetadataLog}. */
public abstract class MetadataLogContract {

    /** A follower that records all calls. */
    protected static final class RecordingFollower implements LogFollower {
        final List<byte[]> entries = new ArrayList<>();
        final List<LogPosition> positions = new ArrayList<>();
        Optional<MetadataState> checkpoint = Optional.empty();
        Optional<LogException> broken = Optional.empty();

        @Override
        public void checkpoint(LogPosition position, long digest, byte[] bytes, String name) {
            assertThat(entries).as("entries before the checkpoint").isEmpty();
            checkpoint = Optional.of(CheckpointCodec.decode(bytes, name, FeatureLevels.ALL));
            assertThat(checkpoint.orElseThrow().digest()).isEqualTo(digest);
            positions.add(position);
        }

        @Override
        public void entry(LogPosition position, byte[] bytes) {
            entries.add(bytes);
            positions.add(position);
        }

        @Override
        public OptionalLong digestAt(LogPosition position) {
            return OptionalLong.of(0);
        }

        @Override
        public void logFailed(LogException why) {
            broken = Optional.of(why);
        }

        List<Entry> decoded() {
            return entries.stream().map(EntryCodec::decode).toList();
        }
    }

    private static final long INCARNATION = 42;

    /** Returns an unopened log with the content of the earlier logs of this test. */
    protected abstract MetadataLog newLog();

    /** Makes a call on the event loop of the logs and waits for its result. */
    protected abstract <T> T onLoop(Supplier<CompletableFuture<T>> call);

    /** Opens a log with a recording follower. */
    protected final RecordingFollower open(MetadataLog log) {
        RecordingFollower reported = new RecordingFollower();
        onLoop(() -> log.open(reported));
        return reported;
    }

    private static Entry entry(long n) {
        return new Entry(
                INCARNATION, n, List.of(new Command.TopicCreated("topic-" + n, 1, Map.of())));
    }

    private AppendOutcome append(MetadataLog log, Entry entry) {
        return onLoop(() -> appending(log, entry));
    }

    private static CompletableFuture<AppendOutcome> appending(MetadataLog log, Entry entry) {
        return log.append(
                new EntryId(0, entry.incarnation(), entry.sequence()), EntryCodec.encode(entry));
    }

    private static List<Entry> entries(long from, long to) {
        List<Entry> entries = new ArrayList<>();
        for (long n = from; n <= to; n++) {
            entries.add(entry(n));
        }
        return entries;
    }

    private void close(MetadataLog log) {
        onLoop(log::close);
    }

    @Test
    void anEmptyLogOpensWithNothing() {
        MetadataLog log = newLog();
        RecordingFollower reported = open(log);

        assertThat(reported.entries).isEmpty();
        assertThat(reported.checkpoint).isEmpty();
        assertThat(onLoop(log::head)).isEqualTo(LogPosition.START);
    }

    @Test
    void theFollowerHasAnEntryBeforeItsAppendCompletes() {
        MetadataLog log = newLog();
        RecordingFollower reported = open(log);
        List<Integer> knownWhenDone = new ArrayList<>();
        for (long n = 1; n <= 3; n++) {
            Entry entry = entry(n);
            onLoop(() ->
                    appending(log, entry)
                            .thenAccept(done -> knownWhenDone.add(reported.entries.size())));
        }

        assertThat(knownWhenDone).containsExactly(1, 2, 3);
    }

    @Test
    void entriesAreDeliveredInOrderExactlyOnce() {
        MetadataLog log = newLog();
        RecordingFollower reported = open(log);
        for (Entry entry : entries(1, 30)) {
            assertThat(append(log, entry)).isEqualTo(new AppendOutcome.Appended());
        }
        close(log);
        RecordingFollower again = open(newLog());

        assertThat(reported.decoded()).isEqualTo(entries(1, 30));
        assertThat(again.decoded()).isEqualTo(entries(1, 30));
        assertThat(again.positions).isEqualTo(reported.positions).doesNotHaveDuplicates();
    }

    @Test
    void theHeadCoversWhatWasAppended() {
        MetadataLog log = newLog();
        RecordingFollower reported = open(log);
        append(log, entry(1));
        LogPosition one = onLoop(log::head);
        append(log, entry(2));
        LogPosition two = onLoop(log::head);

        assertThat(one).isEqualTo(reported.positions.getFirst());
        assertThat(two.covers(one)).isTrue();
        assertThat(one.covers(two)).isFalse();
    }

    @Test
    void aCheckpointReplacesTheEntriesItCovers() {
        MetadataLog log = newLog();
        RecordingFollower reported = open(log);
        MetadataState state = new MetadataState();
        for (Entry entry : entries(1, 20)) {
            append(log, entry);
            state.apply(entry);
        }
        long digest = state.digest();
        LogPosition covered = reported.positions.getLast();
        assertThat(onLoop(log::manifest).checkpointPosition()).isZero();
        onLoop(() -> log.storeCheckpoint(covered, digest, state.snapshot()));
        assertThat(onLoop(log::manifest).checkpointPosition()).isEqualTo(covered.entry());
        for (Entry entry : entries(21, 25)) {
            append(log, entry);
        }
        close(log);
        MetadataLog next = newLog();
        RecordingFollower again = open(next);

        assertThat(onLoop(next::manifest).checkpointPosition()).isEqualTo(covered.entry());
        assertThat(again.checkpoint.orElseThrow().digest()).isEqualTo(digest);
        assertThat(again.positions.getFirst()).isEqualTo(covered);
        assertThat(again.decoded()).isEqualTo(entries(21, 25));
    }

    @Test
    void theNewestOfSeveralCheckpointsCounts() {
        MetadataLog log = newLog();
        RecordingFollower reported = open(log);
        MetadataState state = new MetadataState();
        for (Entry entry : entries(1, 40)) {
            append(log, entry);
            state.apply(entry);
            if (entry.sequence() % 7 == 0) {
                LogPosition covered = reported.positions.getLast();
                onLoop(() -> log.storeCheckpoint(covered, state.digest(), state.snapshot()));
            }
        }
        close(log);
        RecordingFollower again = open(newLog());

        assertThat(again.checkpoint.orElseThrow().entries()).isEqualTo(35);
        assertThat(again.decoded()).isEqualTo(entries(36, 40));
    }

    @Test
    void anEntryOfTheLargestSizeComesBackUnchanged() {
        byte[] noise = new byte[EntryCodec.MAX_ENTRY_BYTES];
        new Random(1).nextBytes(noise);
        MetadataLog log = newLog();
        open(log);
        onLoop(() -> log.append(new EntryId(0, INCARNATION, 1), noise));
        close(log);

        assertThat(open(newLog()).entries).singleElement().isEqualTo(noise);
    }

    @Test
    void closingWaitsForPendingAppends() {
        MetadataLog log = newLog();
        open(log);
        onLoop(() -> {
            entries(1, 10).forEach(entry -> appending(log, entry));
            return log.close();
        });

        assertThat(open(newLog()).decoded()).isEqualTo(entries(1, 10));
    }
}
