package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A partition that is written, trimmed and merged at random, against a list of extents. */
class ReplacementModelTest {

    private static final int SEEDS = 80;
    private static final int STEPS = 300;

    private record Piece(long base, long end, int bytes, long timeMs, ObjectId object) {}

    @Test
    void aLogWhoseExtentsAreReplacedIsWhatANaiveOneIs() {
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
        private final Map<ObjectId, Long> stored = new HashMap<>();
        private List<Piece> pieces = new ArrayList<>();
        private long start;
        private long next;
        private long segments;
        private int counted;

        Run(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            driver.apply(new Command.FeatureLevelRaised(FeatureLevels.MERGES));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(10)) {
                    case 0 -> trim();
                    case 1, 2, 3 -> merge();
                    case 4 -> {
                        if (random.nextInt(8) == 0) {
                            driver.restart();
                        }
                    }
                    default -> write();
                }
                compare("seed %d, step %d".formatted(seed, step));
            }
            assertThat(counted).as("merges that counted with seed %d", seed).isPositive();
        }

        private void write() {
            int records = 1 + random.nextInt(5);
            int bytes = 60 + random.nextInt(100);
            long timeMs = random.nextInt(1_000_000);
            driver.commit(
                    next,
                    new BatchItem(topic.id(), 0, records, 0, bytes, timeMs, ProducerStamp.NONE));
            ObjectId object = log().extents(next, 1).getFirst().object().id();
            stored.put(object, next);
            pieces.add(new Piece(next, next + records, bytes, timeMs, object));
            next += records;
        }

        private void trim() {
            long offset = start + random.nextLong(next - start + 2);
            driver.apply(
                    new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, offset))));
            if (offset > start && offset <= next) {
                start = offset;
                pieces.removeIf(piece -> piece.end() <= offset);
            }
        }

        /** Ranges as they were, or a bit beside that, into one object. */
        private void merge() {
            List<Replacement> rows = new ArrayList<>();
            Set<ObjectId> inputs = new TreeSet<>(ObjectId.ORDER);
            List<Piece> before = List.copyOf(pieces);
            long position = 16;
            for (int i = 0; i < before.size(); ) {
                int to = Math.min(before.size(), i + 1 + random.nextInt(6));
                if (random.nextBoolean()) {
                    List<Piece> range = before.subList(i, to);
                    long base = range.getFirst().base() + (random.nextInt(12) == 0 ? 1 : 0);
                    long end = range.getLast().end() + (random.nextInt(12) == 0 ? 1 : 0);
                    List<NewExtent> extents = cut(base, Math.max(base + 1, end), position);
                    position = extents.getLast().position() + extents.getLast().length();
                    rows.add(new Replacement(topic.id(), 0, extents));
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
            Outcome outcome =
                    driver.apply(
                            new Command.ExtentsReplaced(
                                    new ObjectRef(id, position, position + 100),
                                    List.copyOf(inputs),
                                    rows));
            List<CommittedRow> verdicts = ((Outcome.Offsets) outcome).rows();
            for (int i = 0; i < rows.size(); i++) {
                boolean expected = replace(id, inputs, rows.get(i));
                assertThat(verdicts.get(i) instanceof CommittedRow.Counts)
                        .as("seed %d, row %s of %s", seed, rows.get(i), before)
                        .isEqualTo(expected);
                counted += expected ? 1 : 0;
            }
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

        private boolean replace(ObjectId id, Set<ObjectId> inputs, Replacement row) {
            List<Piece> covered =
                    pieces.stream()
                            .filter(piece ->
                                    piece.base() < row.endOffset()
                                            && piece.end() > row.baseOffset())
                            .toList();
            boolean counts =
                    row.endOffset() > start
                            && !covered.isEmpty()
                            && covered.getLast().end() == row.endOffset()
                            && (covered.getFirst().base() == row.baseOffset()
                                    || (row.baseOffset() < covered.getFirst().base()
                                            && covered.getFirst() == pieces.getFirst()
                                            && row.baseOffset() < start))
                            && covered.stream().allMatch(piece -> inputs.contains(piece.object()));
            if (!counts) {
                return false;
            }
            List<Piece> now = new ArrayList<>();
            for (Piece piece : pieces) {
                if (piece == covered.getFirst()) {
                    for (NewExtent extent : row.extents()) {
                        if (extent.endOffset() > start) {
                            now.add(
                                    new Piece(
                                            extent.baseOffset(),
                                            extent.endOffset(),
                                            extent.length(),
                                            extent.maxTimestampMs(),
                                            id));
                        }
                    }
                }
                if (!covered.contains(piece)) {
                    now.add(piece);
                }
            }
            pieces = now;
            long youngest =
                    covered.stream()
                            .mapToLong(piece -> stored.get(piece.object()))
                            .max()
                            .orElseThrow();
            stored.merge(id, youngest, Math::max);
            return true;
        }

        private PartitionLog log() {
            return driver.partition(topic, 0);
        }

        private void compare(String where) {
            PartitionLog log = log();
            assertThat(
                            log.extents(log.logStartOffset(), Long.MAX_VALUE).stream()
                                    .map(extent ->
                                            new Piece(
                                                    extent.baseOffset(),
                                                    extent.endOffset(),
                                                    extent.length(),
                                                    extent.maxTimestampMs(),
                                                    extent.object().id())))
                    .as(where)
                    .isEqualTo(pieces);
            assertThat(log.sizeBytes())
                    .as(where)
                    .isEqualTo(pieces.stream().mapToLong(Piece::bytes).sum());
            assertThat(driver.state().sizes().extents()).as(where).isEqualTo(pieces.size());
            assertThat(
                            driver.state().objects().stored().stream()
                                    .collect(
                                            Collectors.toMap(
                                                    one -> one.object().id(),
                                                    StoredObject::storedMs)))
                    .as(where)
                    .isEqualTo(
                            pieces.stream()
                                    .map(Piece::object)
                                    .distinct()
                                    .collect(Collectors.toMap(id -> id, stored::get)));
            long timeMs = random.nextInt(1_000_000);
            assertThat(log.extentAt(timeMs).map(Extent::baseOffset))
                    .as(where)
                    .isEqualTo(
                            pieces.stream()
                                    .filter(piece -> piece.timeMs() >= timeMs)
                                    .findFirst()
                                    .map(Piece::base));
            assertThat(objectsThatAreNot(where)).as(where).noneMatch(live()::contains);
        }

        private Set<ObjectId> live() {
            return pieces.stream().map(Piece::object).collect(Collectors.toSet());
        }

        /** What is to be deleted; with what is alive it is all that was ever written. */
        private Set<ObjectId> objectsThatAreNot(String where) {
            Set<ObjectId> gone =
                    driver.state().objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE).stream()
                            .flatMap(DereferencedObjects::ids)
                            .collect(Collectors.toSet());
            Set<ObjectId> known = new TreeSet<>(ObjectId.ORDER);
            known.addAll(gone);
            known.addAll(live());
            long blocks = known.stream().filter(id -> id.kind() == ObjectId.Kind.WAL).count();
            assertThat(blocks)
                    .as(where)
                    .isEqualTo(
                            stored.keySet().stream()
                                    .filter(id -> id.kind() == ObjectId.Kind.WAL)
                                    .count());
            assertThat(known.size() - blocks).as(where).isEqualTo(segments);
            return gone;
        }
    }
}
