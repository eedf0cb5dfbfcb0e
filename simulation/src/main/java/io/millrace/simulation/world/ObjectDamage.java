package io.millrace.simulation.world;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.StreamObjectFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Objects that are missing or damaged in the view of one node or all nodes until healed. The bucket
 * itself holds intact objects.
 */
public final class ObjectDamage {

    /** The time by which requests before the healing are answered. */
    private static final Duration LATEST_ANSWER = Duration.ofSeconds(20);

    private static final int ALL_NODES = -1;
    private static final int MISSING = -1;

    private static final int UNPROTECTED_BYTES = 21;

    private static final class InjectedDamage {
        private final ObjectId object;
        private final int node;
        private final int flippedBit;
        private long untilNanos;

        /**
         * @param flippedBit the position from the start of the object; or MISSING
         */
        InjectedDamage(ObjectId object, int node, int flippedBit, long untilNanos) {
            this.object = object;
            this.node = node;
            this.flippedBit = flippedBit;
            this.untilNanos = untilNanos;
        }

        boolean isVisibleTo(int other) {
            return node == ALL_NODES || node == other;
        }

        byte[] applyTo(ByteRange range, byte[] bytes) {
            long at = flippedBit / Byte.SIZE - range.start();
            if (at >= 0 && at < bytes.length) {
                bytes[(int) at] ^= (byte) (1 << flippedBit % Byte.SIZE);
            }
            return bytes;
        }
    }

    private final EventLoop world;
    private final MemoryObjectStore bucket;
    private final ObjectStore store;
    private final List<InjectedDamage> all = new ArrayList<>();

    ObjectDamage(EventLoop world, MemoryObjectStore bucket, ObjectStore store) {
        this.world = world;
        this.bucket = bucket;
        this.store = store;
    }

    /**
     * @param named candidates, all of them in the bucket
     */
    public void damage(SplittableRandom random, List<ObjectId> named, int victim, Duration time) {
        Map<ObjectId.Kind, List<ObjectId>> objects = new EnumMap<>(ObjectId.Kind.class);
        named.forEach(id -> objects.computeIfAbsent(id.kind(), none -> new ArrayList<>()).add(id));
        if (objects.isEmpty()) {
            return;
        }
        List<List<ObjectId>> kinds = List.copyOf(objects.values());
        List<ObjectId> some = kinds.get(random.nextInt(kinds.size()));
        ObjectId object = some.get(random.nextInt(some.size()));
        all.add(
                new InjectedDamage(
                        object,
                        random.nextBoolean() ? ALL_NODES : victim,
                        random.nextInt(3) == 0 ? MISSING : randomBit(random, object),
                        world.nanoTime() + time.toNanos()));
    }

    private int randomBit(SplittableRandom random, ObjectId object) {
        byte[] bytes = whole(object);
        List<Integer> batches = batches(object, bytes);
        int at =
                switch (batches.isEmpty() ? 0 : random.nextInt(3)) {
                    case 0 -> random.nextInt(bytes.length);
                    case 1 -> randomOf(batches, random) + random.nextInt(UNPROTECTED_BYTES);
                    default -> randomRecordByte(random, bytes, randomOf(batches, random));
                };
        return at * Byte.SIZE + random.nextInt(Byte.SIZE);
    }

    private static int randomOf(List<Integer> batches, SplittableRandom random) {
        return batches.get(random.nextInt(batches.size()));
    }

    private static int randomRecordByte(SplittableRandom random, byte[] bytes, int batch) {
        long records = BatchHeader.sizeBytes(bytes, batch) - BatchHeader.BYTES;
        return batch + BatchHeader.BYTES + (int) random.nextLong(records);
    }

    private byte[] whole(ObjectId object) {
        ObjectKey key = object.key(SimulatedCluster.NAME);
        long sizeBytes = bucket.list(key.value(), "", 1).join().objects().getFirst().sizeBytes();
        return bucket.getRange(key, new ByteRange(0, Math.toIntExact(sizeBytes))).join();
    }

    private static List<Integer> batches(ObjectId object, byte[] bytes) {
        List<Integer> batches = new ArrayList<>();
        long at = StreamObjectFormat.HEADER_BYTES;
        while (object.kind() != ObjectId.Kind.MANIFEST
                && at + BatchHeader.BYTES <= bytes.length
                && BatchHeader.magic(bytes, (int) at) == BatchHeader.MAGIC
                && BatchHeader.sizeBytes(bytes, (int) at) >= BatchHeader.BYTES) {
            batches.add((int) at);
            at += BatchHeader.sizeBytes(bytes, (int) at);
        }
        return batches;
    }

    CompletableFuture<byte[]> get(int node, ObjectKey key, ByteRange range) {
        Optional<InjectedDamage> harm =
                all.stream()
                        .filter(damage ->
                                damage.untilNanos > world.nanoTime() && damage.isVisibleTo(node))
                        .filter(damage -> damage.object.key(SimulatedCluster.NAME).equals(key))
                        .findFirst();
        if (harm.isEmpty()) {
            return store.getRange(key, range);
        }
        return harm.get().flippedBit == MISSING
                ? CompletableFuture.failedFuture(
                        new ObjectStoreException.Missing("there is no object " + key, null))
                : store.getRange(key, range).thenApply(bytes -> harm.get().applyTo(range, bytes));
    }

    /** Returns whether damage that the node sees, or saw recently, accounts for the error. */
    public boolean explains(int node, Problem problem) {
        return problem.reason() == Reason.CORRUPT_DATA
                && visibleTo(node)
                        .anyMatch(damage -> problem.message().contains(damage.object.toString()));
    }

    /** Returns whether a node sees or recently saw damage, and may therefore query the log. */
    public boolean isVisibleTo(int node) {
        return visibleTo(node).findAny().isPresent();
    }

    private Stream<InjectedDamage> visibleTo(int node) {
        long earliest = world.nanoTime() - LATEST_ANSWER.toNanos();
        return all.stream()
                .filter(damage -> damage.isVisibleTo(node) && damage.untilNanos > earliest);
    }

    public boolean wasNeverDamaged(ObjectId object) {
        return all.stream().noneMatch(damage -> damage.object.equals(object));
    }

    boolean wasAnyDamaged() {
        return !all.isEmpty();
    }

    public void keepUntilHealed() {
        all.stream()
                .filter(damage -> damage.untilNanos > world.nanoTime())
                .forEach(damage -> damage.untilNanos = Long.MAX_VALUE);
    }

    public void heal() {
        all.forEach(damage -> damage.untilNanos = Math.min(damage.untilNanos, world.nanoTime()));
    }
}
