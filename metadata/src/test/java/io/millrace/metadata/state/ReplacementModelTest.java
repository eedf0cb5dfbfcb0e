package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.state.ModelledPartition.ModelExtent;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compares a partition that is written, trimmed and merged at random with a list of extents. */
class ReplacementModelTest {

    private static final int SEEDS = 80;
    private static final int STEPS = 300;

    @Test
    void aLogWithReplacedExtentsMatchesTheModel() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).run();
        }
    }

    /** The run of one seed. */
    private static final class Run {

        private final long seed;
        private final SplittableRandom random;
        private final ModelledPartition partition = new ModelledPartition();
        private long segments;
        private int counted;

        Run(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(10)) {
                    case 0 -> trim();
                    case 1, 2, 3 -> merge();
                    case 4 -> {
                        if (random.nextInt(8) == 0) {
                            partition.driver.restart();
                        }
                    }
                    default -> write();
                }
                compare("seed %d, step %d".formatted(seed, step));
            }
            assertThat(counted).as("merges that counted with seed %d", seed).isPositive();
        }

        private void write() {
            partition.write(
                    1 + random.nextInt(5),
                    60 + random.nextInt(100),
                    random.nextInt(1_000_000),
                    partition.next());
        }

        private void trim() {
            long start = partition.start();
            partition.trim(start + random.nextLong(partition.next() - start + 2));
        }

        /** Merges existing ranges, or slightly wrong ones, into one object. */
        private void merge() {
            List<Replacement> rows = new ArrayList<>();
            Set<ObjectId> inputs = new TreeSet<>(ObjectId.ORDER);
            List<ModelExtent> before = partition.modelExtents();
            long position = 16;
            for (int i = 0; i < before.size(); ) {
                int to = Math.min(before.size(), i + 1 + random.nextInt(6));
                if (random.nextBoolean()) {
                    List<ModelExtent> range = before.subList(i, to);
                    long base = range.getFirst().base() + (random.nextInt(12) == 0 ? 1 : 0);
                    long end = range.getLast().end() + (random.nextInt(12) == 0 ? 1 : 0);
                    List<NewExtent> extents = cut(base, Math.max(base + 1, end), position);
                    position = extents.getLast().position() + extents.getLast().length();
                    rows.add(new Replacement(partition.topic.id(), 0, extents));
                    range.stream()
                            .filter(piece -> random.nextInt(15) > 0)
                            .forEach(piece -> inputs.add(piece.object()));
                }
                i = to;
            }
            if (random.nextInt(3) == 0) {
                trim();
            }
            ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 7, segments++);
            counted +=
                    partition.replace(
                            new ObjectRef(id, position, position + 100),
                            inputs,
                            rows,
                            "seed %d, in %s".formatted(seed, before));
        }

        private List<NewExtent> cut(long base, long end, long position) {
            List<NewExtent> extents = new ArrayList<>();
            while (base < end) {
                long to = base + 1 + random.nextLong(end - base);
                extents.add(
                        new NewExtent(
                                base, to, position, 1 + random.nextInt(99), random.nextInt(1000)));
                position += 200;
                base = to;
            }
            return extents;
        }

        private void compare(String where) {
            PartitionLog log = partition.log();
            List<ModelExtent> pieces = partition.modelExtents();
            MetadataState state = partition.driver.state();
            assertThat(
                            log.extents(log.logStartOffset(), Long.MAX_VALUE).stream()
                                    .map(extent ->
                                            new ModelExtent(
                                                    extent.baseOffset(),
                                                    extent.endOffset(),
                                                    extent.length(),
                                                    extent.maxTimestampMs(),
                                                    extent.object().id())))
                    .as(where)
                    .isEqualTo(pieces);
            assertThat(log.sizeBytes()).as(where).isEqualTo(partition.sizeBytes());
            assertThat(state.sizes().extents()).as(where).isEqualTo(pieces.size());
            assertThat(
                            state.objects().referencedObjects().stream()
                                    .collect(
                                            Collectors.toMap(
                                                    stored -> stored.object().id(),
                                                    StoredObject::storedMs)))
                    .as(where)
                    .isEqualTo(
                            partition.live().stream()
                                    .collect(Collectors.toMap(id -> id, partition.storedMs::get)));
            long timeMs = random.nextInt(1_000_000);
            assertThat(log.extentAtTime(timeMs).map(Extent::baseOffset))
                    .as(where)
                    .isEqualTo(
                            pieces.stream()
                                    .filter(piece -> piece.timeMs() >= timeMs)
                                    .findFirst()
                                    .map(ModelExtent::base));
            assertThat(objectsThatAreNot(where)).as(where).noneMatch(partition.live()::contains);
        }

        /**
         * Returns the unreferenced objects; with the live ones they must be all that were ever
         * written.
         */
        private Set<ObjectId> objectsThatAreNot(String where) {
            Set<ObjectId> gone =
                    partition
                            .driver
                            .state()
                            .objects()
                            .dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE)
                            .stream()
                            .flatMap(DereferencedObjects::ids)
                            .collect(Collectors.toSet());
            Set<ObjectId> known = new TreeSet<>(ObjectId.ORDER);
            known.addAll(gone);
            known.addAll(partition.live());
            long blocks = known.stream().filter(id -> id.kind() == ObjectId.Kind.WAL).count();
            assertThat(blocks)
                    .as(where)
                    .isEqualTo(
                            partition.storedMs.keySet().stream()
                                    .filter(id -> id.kind() == ObjectId.Kind.WAL)
                                    .count());
            assertThat(known.size() - blocks).as(where).isEqualTo(segments);
            return gone;
        }
    }
}
