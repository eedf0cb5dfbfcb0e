package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Compares the state machine with a model of the rules that remembers every batch for ever. */
final class ProducerModelTest {

    private static final int PARTITIONS = 3;

    private record Batch(int sequence, int records, long baseOffset) {}

    private record Key(long producer, int partition) {}

    /** All batches of a producer in a partition in its current epoch. */
    private static final class Written {
        final int epoch;
        final List<Batch> batches = new ArrayList<>();

        Written(int epoch) {
            this.epoch = epoch;
        }

        int nextSequence() {
            Batch last = batches.getLast();
            return wrapped((long) last.sequence() + last.records());
        }
    }

    private final Map<Key, Written> written = new HashMap<>();
    private final long[] nextOffsets = new long[PARTITIONS];

    private static int wrapped(long sequence) {
        return (int) (sequence & Integer.MAX_VALUE);
    }

    private ItemOutcome expected(Key key, ProducerStamp stamp, int records) {
        @Nullable Written before = written.get(key);
        if (before != null && stamp.epoch() < before.epoch) {
            return new ItemOutcome.Rejected(Reason.PRODUCER_FENCED);
        }
        boolean begins = before == null || stamp.epoch() > before.epoch;
        int next = begins || before == null ? 0 : before.nextSequence();
        if (stamp.baseSequence() == next) {
            Written target = begins || before == null ? new Written(stamp.epoch()) : before;
            written.put(key, target);
            long offset = nextOffsets[key.partition()];
            nextOffsets[key.partition()] += records;
            target.batches.add(new Batch(stamp.baseSequence(), records, offset));
            return new ItemOutcome.Appended(offset);
        }
        return begins || before == null
                ? new ItemOutcome.Rejected(Reason.OUT_OF_ORDER_SEQUENCE)
                : repeated(before.batches, stamp.baseSequence(), records);
    }

    private static ItemOutcome repeated(List<Batch> all, int sequence, int records) {
        List<Batch> kept = all.subList(Math.max(0, all.size() - 5), all.size());
        for (Batch batch : kept.reversed()) {
            if (batch.sequence() == sequence && batch.records() == records) {
                return new ItemOutcome.Duplicate(batch.baseOffset(), 5_000);
            }
        }
        long after = wrapped((long) kept.getFirst().sequence() - sequence - (records - 1));
        boolean old = kept.size() == 5 && after > 0 && after < 1 << 30;
        return old
                ? new ItemOutcome.OldDuplicate()
                : new ItemOutcome.Rejected(Reason.OUT_OF_ORDER_SEQUENCE);
    }

    private ProducerStamp stamp(SplittableRandom random, Key key) {
        @Nullable Written before = written.get(key);
        int epoch = before == null ? random.nextInt(3) : before.epoch;
        int roll = random.nextInt(100);
        if (before == null) {
            return new ProducerStamp(key.producer(), (short) epoch, roll < 80 ? 0 : roll);
        }
        int sequence;
        if (roll < 55) {
            sequence = before.nextSequence();
        } else if (roll < 85) {
            int back = random.nextInt(Math.min(9, before.batches.size()));
            sequence = before.batches.get(before.batches.size() - 1 - back).sequence();
        } else if (roll < 93) {
            sequence = wrapped(before.nextSequence() + 1L + random.nextInt(5));
        } else {
            epoch += roll < 97 ? 1 : -1;
            sequence = roll < 96 ? 0 : 7;
        }
        return new ProducerStamp(key.producer(), (short) Math.max(0, epoch), sequence);
    }

    @Test
    void everyOutcomeMatchesTheModel() {
        for (int seed = 0; seed < 40; seed++) {
            new ProducerModelTest().everyOutcomeMatchesTheModel(seed);
        }
    }

    private void everyOutcomeMatchesTheModel(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StateDriver driver = new StateDriver();
        Topic topic = driver.createTopic("orders", PARTITIONS);
        for (int i = 0; i < 4; i++) {
            driver.allocateProducer();
        }
        for (int step = 0; step < 1_000; step++) {
            Key key = new Key(random.nextInt(4), random.nextInt(PARTITIONS));
            ProducerStamp stamp = stamp(random, key);
            // Huge batches make the sequences wrap; repeats need the same length.
            int records = random.nextInt(3) == 0 ? 1 << 29 : 1 + random.nextInt(2);

            ItemOutcome verdict = driver.write(topic, key.partition(), stamp, records);

            assertThat(verdict)
                    .as("seed %d, step %d, %s of %d records", seed, step, stamp, records)
                    .isEqualTo(expected(key, stamp, records));
            if (step % 200 == 199) {
                driver.restart();
            }
        }
    }
}
