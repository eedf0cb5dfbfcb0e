package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A partition that is written and trimmed at random, against a list that does the same. */
class LogStartModelTest {

    private static final int SEEDS = 60;
    private static final int STEPS = 400;

    /** A batch that is an extent of its own. */
    private record Piece(long base, long end, int bytes, long timeMs, long storedMs) {}

    @Test
    void aLogThatIsTrimmedIsWhatANaiveOneIs() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).run();
        }
    }

    /** One of them. */
    private static final class Run {

        private final long seed;
        private final SplittableRandom random;
        private final StateDriver driver = new StateDriver();
        private final Topic topic = driver.createTopic("t", 1);
        private final List<Piece> pieces = new ArrayList<>();
        private long start;
        private long next;

        Run(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            driver.apply(new Command.FeatureLevelRaised(FeatureLevels.RETENTION));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> trim();
                    case 1 -> {
                        if (random.nextInt(8) == 0) {
                            driver.restart();
                        }
                    }
                    default -> write();
                }
                assertThat(reads()).as("seed %d, step %d", seed, step).isEqualTo(expected());
                compareSearches(step);
            }
        }

        private void write() {
            int records = 1 + random.nextInt(5);
            int bytes = 60 + random.nextInt(100);
            long storedMs = 10L * next;
            // Some are of long ago, and some claim to be of the future.
            long timeMs =
                    switch (random.nextInt(10)) {
                        case 0 -> storedMs + 1_000_000;
                        case 1 -> random.nextLong(storedMs + 1);
                        default -> storedMs;
                    };
            driver.commit(
                    storedMs,
                    new BatchItem(topic.id(), 0, records, 0, bytes, timeMs, ProducerStamp.NONE));
            pieces.add(new Piece(next, next + records, bytes, timeMs, storedMs));
            next += records;
        }

        private void trim() {
            long offset = random.nextInt(4) == 0 ? next : random.nextLong(next + 3);
            Outcome outcome =
                    driver.apply(
                            new Command.LogStartAdvanced(
                                    topic.id(), List.of(new LogStart(0, offset))));
            boolean counts = offset > start && offset <= next;
            assertThat(((Outcome.Offsets) outcome).rows().getFirst() instanceof CommittedRow.Counts)
                    .isEqualTo(counts);
            if (counts) {
                start = offset;
                pieces.removeIf(piece -> piece.end() <= offset);
            }
        }

        private PartitionLog log() {
            return driver.partition(topic, 0);
        }

        private String reads() {
            PartitionLog log = log();
            StringBuilder reads = new StringBuilder();
            reads.append(log.logStartOffset()).append("..").append(log.highWatermark());
            reads.append(' ').append(log.sizeBytes());
            reads.append(' ').append(driver.state().sizes().extents());
            for (Extent extent : log.extents(log.logStartOffset(), Long.MAX_VALUE)) {
                reads.append(
                        " %d-%d:%d"
                                .formatted(
                                        extent.baseOffset(), extent.endOffset(), extent.length()));
            }
            return reads.toString();
        }

        private String expected() {
            StringBuilder reads = new StringBuilder();
            reads.append(start).append("..").append(next);
            reads.append(' ').append(pieces.stream().mapToLong(Piece::bytes).sum());
            reads.append(' ').append(pieces.size());
            for (Piece piece : pieces) {
                reads.append(" %d-%d:%d".formatted(piece.base(), piece.end(), piece.bytes()));
            }
            return reads.toString();
        }

        private void compareSearches(int step) {
            long timeMs = random.nextLong(10 * next + 100);
            long bytes = random.nextLong(2_000);
            long offset = random.nextLong(next + 2);
            assertThat(log().extentAt(timeMs).map(Extent::baseOffset))
                    .as("seed %d, step %d, time %d", seed, step, timeMs)
                    .isEqualTo(
                            pieces.stream()
                                    .filter(piece -> piece.timeMs() >= timeMs)
                                    .findFirst()
                                    .map(Piece::base));
            assertThat(log().startKeptSince(timeMs))
                    .as("seed %d, step %d, time %d", seed, step, timeMs)
                    .isEqualTo(
                            startAt(
                                    pieces.stream()
                                            .filter(piece ->
                                                    Math.min(piece.timeMs(), piece.storedMs())
                                                            >= timeMs)
                                            .findFirst()
                                            .map(Piece::base)
                                            .orElse(next)));
            assertThat(log().startKeptWithin(bytes))
                    .as("seed %d, step %d, %d bytes", seed, step, bytes)
                    .isEqualTo(startAt(keptWithin(bytes)));
            assertThat(log().extents(offset, 1).stream().map(Extent::baseOffset).findFirst())
                    .as("seed %d, step %d, offset %d", seed, step, offset)
                    .isEqualTo(
                            pieces.stream()
                                    .filter(piece -> offset >= start && offset < piece.end())
                                    .findFirst()
                                    .map(Piece::base));
        }

        private long startAt(long offset) {
            return Math.max(start, offset);
        }

        private long keptWithin(long bytes) {
            long behind = pieces.stream().mapToLong(Piece::bytes).sum();
            for (Piece piece : pieces) {
                behind -= piece.bytes();
                if (behind < bytes) {
                    return piece.base();
                }
            }
            return next;
        }
    }
}
