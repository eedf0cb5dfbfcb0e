package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Replicas reach the same state at the end of the log, whether by entries or by snapshot. */
class ReplicasAgreeTest {

    private static final int SEEDS = 60;

    @Test
    void replicasThatReadTheSameInterleavingHaveTheSameDigestAtEveryEntry() {
        for (long seed = 0; seed < SEEDS; seed++) {
            MetadataState state = new MetadataState(TestLevels.TWO);
            MetadataState other = new MetadataState(TestLevels.TWO);
            for (Entry entry : new RandomEntries(random(seed)).log(200)) {
                state.apply(entry);
                // The second replica reads the entry from its encoded form.
                other.apply(EntryCodec.decode(EntryCodec.encode(entry)));
                assertThat(other.digest()).as("seed %d, %s", seed, entry).isEqualTo(state.digest());
            }
            assertThat(reads(other)).as("seed %d", seed).isEqualTo(reads(state));
        }
    }

    @Test
    void replicasThatReadExtremeValuesAgreeAtEveryEntryAndInTheirCheckpoints() {
        for (long seed = 0; seed < SEEDS / 6; seed++) {
            RandomGenerator random = random(seed);
            MetadataState state = new MetadataState(TestLevels.TWO);
            MetadataState other = new MetadataState(TestLevels.TWO);
            List<Entry> log = new ArrayList<>(new RandomEntries(random).log(200));
            ExtremeCommands extremes = new ExtremeCommands(random);
            for (int i = 1; i <= 100; i++) {
                log.add(random.nextInt(log.size()), new Entry(7, 101 - i, extremes.next()));
            }
            for (Entry entry : inSequence(log)) {
                state.apply(entry);
                other.apply(EntryCodec.decode(EntryCodec.encode(entry)));
                assertThat(other.digest()).as("seed %d, %s", seed, entry).isEqualTo(state.digest());
            }
            assertThat(reads(other)).as("seed %d", seed).isEqualTo(reads(state));
            byte[] checkpoint = CheckpointCodec.encode(state.snapshot());
            MetadataState restored =
                    CheckpointCodec.decode(checkpoint, "checkpoint", TestLevels.TWO);
            assertThat(CheckpointCodec.encode(restored.snapshot()))
                    .as("seed %d", seed)
                    .isEqualTo(checkpoint);
        }
    }

    /** Numbers the entries of the extreme writer in the order of the log. */
    private static List<Entry> inSequence(List<Entry> log) {
        List<Entry> numbered = new ArrayList<>();
        long sequence = 0;
        for (Entry entry : log) {
            numbered.add(
                    entry.incarnation() == 7
                            ? new Entry(7, ++sequence, entry.generation(), entry.commands())
                            : entry);
        }
        return numbered;
    }

    @Test
    void aCheckpointAnywhereAndTheRestOfTheLogEqualTheWholeLog() {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomGenerator random = random(seed);
            List<Entry> log = new RandomEntries(random).log(200);
            MetadataState whole = new MetadataState(TestLevels.TWO);
            log.forEach(whole::apply);
            MetadataState restored = new MetadataState(TestLevels.TWO);
            for (Entry entry : log) {
                if (random.nextInt(20) == 0) {
                    restored =
                            CheckpointCodec.decode(
                                    CheckpointCodec.encode(restored.snapshot()),
                                    "checkpoint",
                                    TestLevels.TWO);
                }
                restored.apply(entry);
            }
            assertThat(restored.digest()).as("seed %d", seed).isEqualTo(whole.digest());
            assertThat(reads(restored)).as("seed %d", seed).isEqualTo(reads(whole));
            assertThat(CheckpointCodec.encode(restored.snapshot()))
                    .as("seed %d", seed)
                    .isEqualTo(CheckpointCodec.encode(whole.snapshot()));
        }
    }

    @Test
    void aSnapshotIsUnaffectedByLaterEntries() {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomGenerator random = random(seed);
            MetadataState state = new MetadataState(TestLevels.TWO);
            List<byte[]> atOnce = new ArrayList<>();
            List<StateSnapshot> late = new ArrayList<>();
            for (Entry entry : new RandomEntries(random).log(200)) {
                state.apply(entry);
                if (random.nextInt(20) == 0) {
                    late.add(state.snapshot());
                    atOnce.add(CheckpointCodec.encode(state.snapshot()));
                }
            }
            assertThat(late.stream().map(CheckpointCodec::encode).toList())
                    .as("seed %d", seed)
                    .usingElementComparator(Arrays::compare)
                    .isEqualTo(atOnce);
        }
    }

    @Test
    void aSnapshotInSlicesHasTheStateOfTheEntryAtWhichItBegan() {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomGenerator random = random(seed);
            MetadataState state = new MetadataState(TestLevels.TWO);
            Optional<SnapshotCopy> copy = Optional.empty();
            byte[] expected = new byte[0];
            int complete = 0;
            for (Entry entry : new RandomEntries(random).log(400)) {
                state.apply(entry);
                if (copy.isEmpty()) {
                    expected = CheckpointCodec.encode(state.snapshot());
                    copy = Optional.of(state.beginSnapshot());
                } else {
                    Optional<StateSnapshot> whole = copy.get().proceed(1 + random.nextInt(3));
                    if (whole.isPresent()) {
                        assertThat(CheckpointCodec.encode(whole.get()))
                                .as("seed %d, before %s", seed, entry)
                                .isEqualTo(expected);
                        copy = Optional.empty();
                        complete++;
                    }
                }
            }
            assertThat(complete).as("seed %d", seed).isPositive();
        }
    }

    @Test
    void aRepeatedEntryChangesNothing() {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomGenerator random = random(seed);
            List<Entry> log = new RandomEntries(random).withoutExpiry().log(200);
            MetadataState once = new MetadataState(TestLevels.TWO);
            MetadataState often = new MetadataState(TestLevels.TWO);
            for (int i = 0; i < log.size(); i++) {
                once.apply(log.get(i));
                often.apply(log.get(i));
                Entry again = log.get(random.nextInt(i + 1));
                long before = often.digest();
                ApplyResult applied = often.apply(again);
                if (applied instanceof ApplyResult.Repeated) {
                    assertThat(often.digest()).as("seed %d, %s", seed, again).isEqualTo(before);
                }
                if (!(applied instanceof ApplyResult.Repeated)) {
                    // Only entries of a closed incarnation: these are counted, so that a zombie is
                    // visible.
                    assertThat(applied)
                            .as("seed %d", seed)
                            .isInstanceOf(ApplyResult.IgnoredAsClosed.class);
                    once.apply(again);
                }
            }
            assertThat(often.digest()).as("seed %d", seed).isEqualTo(once.digest());
            assertThat(topics(often)).as("seed %d", seed).isEqualTo(topics(once));
        }
    }

    @Test
    void theOrderOfTheLogDecides() {
        List<Entry> log = new RandomEntries(random(1)).log(200);
        MetadataState state = new MetadataState(TestLevels.TWO);
        log.forEach(state::apply);
        MetadataState other = new MetadataState(TestLevels.TWO);
        log.stream().filter(entry -> entry.incarnation() == 100).forEach(other::apply);
        log.stream().filter(entry -> entry.incarnation() != 100).forEach(other::apply);
        assertThat(other.digest()).isNotEqualTo(state.digest());
    }

    @Test
    void everyFlippedByteOfACheckpointIsFoundAndTheCheckpointNamed() {
        MetadataState state = new MetadataState(TestLevels.TWO);
        new RandomEntries(random(2)).log(100).forEach(state::apply);
        byte[] checkpoint = CheckpointCodec.encode(state.snapshot());
        for (int at = 0; at < checkpoint.length; at++) {
            byte[] bad = checkpoint.clone();
            bad[at] ^= 0x10;
            assertThatThrownBy(() -> CheckpointCodec.decode(bad, "checkpoint c-1", TestLevels.TWO))
                    .as("byte %d of %d", at, checkpoint.length)
                    .isInstanceOf(CorruptMetadataException.class)
                    .hasMessageContaining("checkpoint c-1");
        }
    }

    @Test
    void tenThousandBatchesOfTenThousandPartitionsAreASmallEntry() {
        List<BatchItem> items = new ArrayList<>();
        RandomGenerator random = random(3);
        for (int i = 0; i < 10_000; i++) {
            items.add(
                    new BatchItem(
                            1,
                            i,
                            random.nextInt(1, 100),
                            16 + 800L * i,
                            800,
                            1_700_000_000_000L + random.nextInt(1000),
                            new ProducerStamp(
                                    random.nextInt(1000), (short) 0, random.nextInt(1 << 20))));
        }
        ObjectRef object =
                new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 1, 1), 9_000_000, 9_100_000);
        Entry entry =
                new Entry(
                        1,
                        1,
                        List.of(new Command.BlockCommitted(object, 1_700_000_000_000L, items)));
        byte[] bytes = EntryCodec.encode(entry);
        assertThat(bytes.length).isLessThan(256 << 10);
        assertThat(EntryCodec.decode(bytes)).isEqualTo(entry);
    }

    private static String reads(MetadataState state) {
        StringBuilder reads = new StringBuilder(topics(state));
        for (Topic topic : state.topics().all()) {
            for (int p = 0; p < 9; p++) {
                PartitionLog log = state.partition(topic.id(), p).orElse(null);
                if (log != null) {
                    reads.append(topic.id()).append('/').append(p).append(": ");
                    reads.append(log.logStartOffset()).append("..").append(log.highWatermark());
                    reads.append(' ').append(log.sizeBytes()).append(' ');
                    reads.append(log.extents(log.logStartOffset(), Long.MAX_VALUE)).append('\n');
                    for (int generation = 1; generation <= state.generation(); generation++) {
                        reads.append(log.endOfGeneration(generation)).append('\n');
                    }
                }
            }
        }
        return reads.toString();
    }

    private static String topics(MetadataState state) {
        return state.topics().all()
                + "\n"
                + state.acls().all()
                + "\n"
                + state.quotas().all()
                + "\n"
                + state.scramCredentials().all()
                + state.scramCredentials().all().hashCode()
                + "\n"
                + state.nodeNumbers().all()
                + "\n";
    }

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }
}
