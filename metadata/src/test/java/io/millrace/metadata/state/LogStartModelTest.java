package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.state.ModelledPartition.ModelExtent;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Compares a partition that is written and trimmed at random with a list. */
class LogStartModelTest {

    private static final int SEEDS = 60;
    private static final int STEPS = 400;

    @Test
    void aTrimmedLogMatchesTheModel() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).run();
        }
    }

    /** The run of one seed. */
    private static final class Run {

        private final long seed;
        private final SplittableRandom random;
        private final ModelledPartition partition = new ModelledPartition();

        Run(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> trim();
                    case 1 -> {
                        if (random.nextInt(8) == 0) {
                            partition.driver.restart();
                        }
                    }
                    default -> write();
                }
                assertThat(reads()).as("seed %d, step %d", seed, step).isEqualTo(expected());
                compareSearches(step);
            }
        }

        private void write() {
            long storedMs = 10L * partition.next();
            // Some timestamps are far in the past, and some are in the future.
            long timeMs =
                    switch (random.nextInt(10)) {
                        case 0 -> storedMs + 1_000_000;
                        case 1 -> random.nextLong(storedMs + 1);
                        default -> storedMs;
                    };
            partition.write(1 + random.nextInt(5), 60 + random.nextInt(100), timeMs, storedMs);
        }

        private void trim() {
            long next = partition.next();
            partition.trim(random.nextInt(4) == 0 ? next : random.nextLong(next + 3));
        }

        private String reads() {
            PartitionLog log = partition.log();
            StringBuilder reads = new StringBuilder();
            reads.append(log.logStartOffset()).append("..").append(log.highWatermark());
            reads.append(' ').append(log.sizeBytes());
            reads.append(' ').append(partition.driver.state().sizes().extents());
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
            reads.append(partition.start()).append("..").append(partition.next());
            reads.append(' ').append(partition.sizeBytes());
            reads.append(' ').append(partition.modelExtents().size());
            for (ModelExtent piece : partition.modelExtents()) {
                reads.append(" %d-%d:%d".formatted(piece.base(), piece.end(), piece.bytes()));
            }
            return reads.toString();
        }

        private void compareSearches(int step) {
            PartitionLog log = partition.log();
            long timeMs = random.nextLong(10 * partition.next() + 100);
            long bytes = random.nextLong(2_000);
            long offset = random.nextLong(partition.next() + 2);
            assertThat(log.extentAtTime(timeMs).map(Extent::baseOffset))
                    .as("seed %d, step %d, time %d", seed, step, timeMs)
                    .isEqualTo(first(piece -> piece.timeMs() >= timeMs));
            assertThat(log.startRetainedSince(timeMs))
                    .as("seed %d, step %d, time %d", seed, step, timeMs)
                    .isEqualTo(startAt(first(piece -> keptSince(piece) >= timeMs)));
            assertThat(log.startRetainedWithin(bytes))
                    .as("seed %d, step %d, %d bytes", seed, step, bytes)
                    .isEqualTo(startAt(keptWithin(bytes)));
            assertThat(log.extents(offset, 1).stream().map(Extent::baseOffset).findFirst())
                    .as("seed %d, step %d, offset %d", seed, step, offset)
                    .isEqualTo(first(piece -> offset >= partition.start() && offset < piece.end()));
        }

        private Optional<Long> first(Predicate<ModelExtent> wanted) {
            return partition.modelExtents().stream()
                    .filter(wanted)
                    .findFirst()
                    .map(ModelExtent::base);
        }

        private long keptSince(ModelExtent piece) {
            return Math.min(
                    piece.timeMs(), Objects.requireNonNull(partition.storedMs.get(piece.object())));
        }

        private long startAt(Optional<Long> base) {
            return Math.max(partition.start(), base.orElse(partition.next()));
        }

        private Optional<Long> keptWithin(long bytes) {
            long after = partition.sizeBytes();
            for (ModelExtent piece : partition.modelExtents()) {
                after -= piece.bytes();
                if (after < bytes) {
                    return Optional.of(piece.base());
                }
            }
            return Optional.empty();
        }
    }
}
