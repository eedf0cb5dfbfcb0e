package io.millrace.metadata.state.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.state.ModelledPartition;
import io.millrace.metadata.state.ModelledPartition.ModelExtent;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Compares a partition that is written, trimmed, merged, offloaded and reloaded at random with a
 * list of extents that stay in memory. Readers must see the same.
 */
class OffloadedRangesModelTest {

    private static final int SEEDS = 150;
    private static final int STEPS = 250;

    @Test
    void aLogWithOffloadedExtentsReadsLikeTheModel() {
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
        private int offloaded;
        private int reloaded;
        private int released;

        Run(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(16)) {
                    case 0 -> trim();
                    case 1, 2 -> merge();
                    case 3, 4 -> offload();
                    case 5 -> reloadTheLast();
                    case 6 -> reloadWhatIsUnreachable();
                    case 7 -> reloadWhatIsNotThere();
                    case 8 -> {
                        if (random.nextInt(8) == 0) {
                            partition.driver.restart();
                        }
                    }
                    default -> write();
                }
                compare("seed %d, step %d".formatted(seed, step));
            }
            assertThat(offloaded).as("rows shelved with seed %d", seed).isPositive();
            assertThat(reloaded + released).as("rows recalled with seed %d", seed).isPositive();
            delete();
        }

        private void write() {
            partition.write(
                    1 + random.nextInt(5),
                    60 + random.nextInt(100),
                    random.nextInt(1_000_000),
                    random.nextInt(1_000_000));
        }

        private void trim() {
            long start = partition.start();
            long room = partition.next() - start;
            partition.trim(start + random.nextLong(1 + Math.min(room + 1, 40)));
        }

        private void offload() {
            int kind = random.nextInt(8);
            List<Boolean> counted =
                    partition.offload(
                            1 + random.nextInt(3),
                            1 + random.nextInt(2),
                            1 + random.nextInt(5),
                            random.nextInt(4),
                            row -> changed(row, kind));
            offloaded += (int) counted.stream().filter(part -> part).count();
            if (kind <= 2) {
                assertThat(counted).as("seed %d", seed).doesNotContain(true);
            } else {
                assertThat(counted).as("seed %d", seed).doesNotContain(false);
            }
        }

        private static RangeToOffload changed(RangeToOffload row, int kind) {
            return new RangeToOffload(
                    row.topicId(),
                    row.partition(),
                    kind == 0 ? row.baseOffset() + row.endOffset() : row.baseOffset(),
                    (kind == 0 ? 2 : 1) * row.endOffset() + (kind == 1 ? 1 : 0),
                    row.position(),
                    row.extents(),
                    row.digest() + (kind == 2 ? 1 : 0));
        }

        private void reloadTheLast() {
            Optional<OffloadedRange> last = partition.log().lastOffloadedRange();
            if (last.isPresent()) {
                damaged(last.get());
                assertThat(partition.reload(last.get(), partition.content(last.get())))
                        .as("seed %d, %s", seed, last)
                        .isTrue();
                reloaded++;
            }
        }

        private void reloadWhatIsUnreachable() {
            for (OffloadedRange row : unreachable()) {
                damaged(row);
                assertThat(partition.reload(row, partition.content(row))).as("%d", seed).isTrue();
                assertThat(partition.reload(row, partition.content(row))).as("%d", seed).isFalse();
                released++;
            }
        }

        private void damaged(OffloadedRange row) {
            byte[] content = partition.content(row);
            int damagedByte = random.nextInt(content.length);
            content[damagedByte] = (byte) (content[damagedByte] ^ (1 << random.nextInt(8)));
            assertThat(partition.reload(row, content)).as("seed %d, damaged", seed).isFalse();
            if (partition
                    .log()
                    .offloadedRangeAt(row.baseOffset())
                    .filter(row::equals)
                    .isPresent()) {
                assertThatThrownBy(() -> partition.log().extents(row, content))
                        .as("seed %d", seed)
                        .isInstanceOf(ObjectStoreException.Corrupt.class);
            }
        }

        private void reloadWhatIsNotThere() {
            PartitionLog log = partition.log();
            log.offloadedRangeAt(log.logStartOffset())
                    .filter(row -> !log.lastOffloadedRange().equals(Optional.of(row)))
                    .ifPresent(row ->
                            assertThat(partition.reload(row, partition.content(row)))
                                    .as("seed %d, not the last", seed)
                                    .isFalse());
        }

        private List<OffloadedRange> unreachable() {
            List<OffloadedRange> all = new ArrayList<>();
            Optional<OffloadedRange> last = Optional.empty();
            do {
                List<OffloadedRange> some =
                        partition
                                .driver
                                .state()
                                .objects()
                                .unreachableRanges(last, 1 + random.nextInt(3));
                all.addAll(some);
                last = some.isEmpty() ? Optional.empty() : Optional.of(some.getLast());
            } while (last.isPresent());
            return all;
        }

        private void merge() {
            List<Replacement> rows = new ArrayList<>();
            Set<ObjectId> inputs = new HashSet<>();
            List<ModelExtent> before = partition.modelExtents();
            long position = 16;
            for (int i = 0; i < before.size(); ) {
                int to = Math.min(before.size(), i + 1 + random.nextInt(6));
                if (random.nextBoolean()) {
                    List<ModelExtent> range = before.subList(i, to);
                    List<NewExtent> extents =
                            cut(range.getFirst().base(), range.getLast().end(), position);
                    position = extents.getLast().position() + extents.getLast().length();
                    rows.add(new Replacement(partition.topic.id(), 0, extents));
                    range.forEach(piece -> inputs.add(piece.object()));
                }
                i = to;
            }
            if (random.nextInt(3) == 0) {
                trim();
            }
            partition.replace(
                    new ObjectRef(
                            new ObjectId(ObjectId.Kind.SEGMENT, 7, segments++),
                            position,
                            position + 100),
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
            assertThat(partition.read().stream().map(Run::piece)).as(where).isEqualTo(pieces);
            assertThat(log.highWatermark()).as(where).isEqualTo(partition.next());
            assertThat(log.logStartOffset()).as(where).isEqualTo(partition.start());
            long atLeast = partition.sizeBytes();
            assertThat(log.sizeBytes()).as(where).isBetween(atLeast, atLeast + rowOfTheStart(log));
            compareObjects(state, where);
            compareTimes(log, pieces, where);
            compareRetention(log, pieces, where);
        }

        private long rowOfTheStart(PartitionLog log) {
            return log.offloadedRangeAt(log.logStartOffset())
                    .map(OffloadedRange::sizeBytes)
                    .orElse(0L);
        }

        private static ModelExtent piece(Extent extent) {
            return new ModelExtent(
                    extent.baseOffset(),
                    extent.endOffset(),
                    extent.length(),
                    extent.maxTimestampMs(),
                    extent.object().id());
        }

        /**
         * Checks that every readable object exists with correct counts and that objects of
         * unreachable ranges are not deleted.
         */
        private void compareObjects(MetadataState state, String where) {
            Set<ObjectId> stored =
                    state.objects().referencedObjects().stream()
                            .map(object -> object.object().id())
                            .collect(Collectors.toSet());
            Set<ObjectId> gone =
                    state.objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE).stream()
                            .flatMap(DereferencedObjects::ids)
                            .collect(Collectors.toSet());
            assertThat(stored).as(where).containsAll(partition.live());
            assertThat(gone).as(where).noneMatch(stored::contains);
            List<OffloadedRange> rows = new ArrayList<>(unreachable());
            long memory = partition.log().extentsInMemory();
            for (long at = partition.start(); at < partition.next(); ) {
                Optional<OffloadedRange> row = partition.log().offloadedRangeAt(at);
                if (row.isEmpty()) {
                    break;
                }
                rows.add(row.get());
                at = row.get().endOffset();
            }
            long inManifests =
                    rows.stream()
                            .mapToLong(row -> row.length() / OffloadedContent.EXTENT_BYTES)
                            .sum();
            assertThat(state.sizes().extents()).as(where).isEqualTo(memory);
            assertThat(state.sizes().offloaded()).as(where).isEqualTo(inManifests);
            assertThat(
                            state.objects().referencedObjects().stream()
                                    .mapToLong(StoredObject::offloadedExtents)
                                    .sum())
                    .as(where)
                    .isEqualTo(inManifests);
            assertThat(
                            stored.stream()
                                    .filter(id -> id.kind() == ObjectId.Kind.MANIFEST)
                                    .collect(Collectors.toSet()))
                    .as(where)
                    .isEqualTo(
                            rows.stream()
                                    .map(row -> row.manifest().id())
                                    .collect(Collectors.toSet()));
        }

        private void compareTimes(PartitionLog log, List<ModelExtent> pieces, String where) {
            long timeMs = random.nextInt(1_000_000);
            Optional<Extent> found =
                    log.offloadedRangeAtTime(timeMs)
                            .map(row -> log.extents(row, partition.content(row)).orElseThrow())
                            .flatMap(extents ->
                                    extents.stream()
                                            .filter(part -> part.maxTimestampMs() >= timeMs)
                                            .findFirst())
                            .or(() -> log.extentAtTime(timeMs));
            Optional<Long> expected =
                    pieces.stream()
                            .filter(piece -> piece.timeMs() >= timeMs)
                            .findFirst()
                            .map(ModelExtent::base);
            if (found.isEmpty() || found.get().endOffset() > partition.start()) {
                assertThat(found.map(Extent::baseOffset)).as(where).isEqualTo(expected);
            }
        }

        /**
         * Retention keeps or drops an offloaded range as a whole, so it never keeps less than in a
         * log without offloaded ranges.
         */
        private void compareRetention(PartitionLog log, List<ModelExtent> pieces, String where) {
            long timeMs = random.nextInt(1_000_000);
            long keptSince =
                    pieces.stream()
                            .filter(piece ->
                                    piece.timeMs() >= timeMs
                                            && partition.storedMs.getOrDefault(piece.object(), 0L)
                                                    >= timeMs)
                            .map(piece -> Math.max(piece.base(), partition.start()))
                            .min(Comparator.naturalOrder())
                            .orElse(partition.next());
            assertThat(log.startRetainedSince(timeMs))
                    .as(where)
                    .isBetween(startOfRow(log, keptSince), keptSince);
            long bytes = random.nextLong(1 + 2 * partition.sizeBytes());
            long start = log.startRetainedWithin(bytes);
            long kept =
                    pieces.stream()
                            .filter(piece -> piece.base() >= start || piece.end() > start)
                            .mapToLong(ModelExtent::bytes)
                            .sum();
            assertThat(kept)
                    .as(where)
                    .isGreaterThanOrEqualTo(Math.min(bytes, partition.sizeBytes()));
        }

        /** The range with the log start counts from its first offset. */
        private long startOfRow(PartitionLog log, long offset) {
            long start = log.logStartOffset();
            boolean isClipped =
                    log.offloadedRangeAt(start).filter(row -> row.baseOffset() < start).isPresent();
            if (isClipped) {
                return start;
            }
            return log.offloadedRangeAt(offset)
                    .map(row -> Math.max(row.baseOffset(), log.logStartOffset()))
                    .orElse(offset);
        }

        /** Deletes the topic and reloads all ranges: every object must become unreferenced. */
        private void delete() {
            partition.driver.apply(new Command.TopicDeleted(partition.topic.id()));
            partition.driver.restart();
            for (OffloadedRange row : unreachable()) {
                assertThat(partition.reload(row, partition.content(row))).as("%d", seed).isTrue();
            }
            MetadataState state = partition.driver.state();
            assertThat(state.objects().referencedObjects()).as("seed %d", seed).isEmpty();
            assertThat(state.sizes().extents()).as("seed %d", seed).isZero();
            assertThat(state.sizes().offloaded()).as("seed %d", seed).isZero();
            assertThat(state.sizes().unreachable()).as("seed %d", seed).isZero();
        }
    }
}
