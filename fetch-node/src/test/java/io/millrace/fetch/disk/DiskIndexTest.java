package io.millrace.fetch.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskIndexTest {

    private static final int BLOCK = 4096;

    private static ChunkKey key(int number) {
        return new ChunkKey(new ObjectId(ObjectId.Kind.WAL, 7, number), 0);
    }

    private static void write(DiskIndex index, int number) {
        index.markWritten(index.admit(key(number), BLOCK).orElseThrow().entry());
    }

    private static List<ChunkKey> victims(DiskIndex index, int number) {
        return index.admit(key(number), BLOCK).orElseThrow().victims().stream()
                .map(DiskIndex.IndexedFile::key)
                .toList();
    }

    @Test
    void theOldestGoesFirst() {
        DiskIndex index = new DiskIndex(3 * BLOCK, 100);
        List.of(1, 2, 3).forEach(number -> write(index, number));
        assertThat(victims(index, 4)).containsExactly(key(1));
    }

    @Test
    void whatWasReadIsSparedOnce() {
        DiskIndex index = new DiskIndex(3 * BLOCK, 100);
        List.of(1, 2, 3).forEach(number -> write(index, number));
        assertThat(index.find(key(1))).isNotNull();
        assertThat(victims(index, 4)).containsExactly(key(2));
        assertThat(victims(index, 5)).containsExactly(key(3));
        assertThat(victims(index, 6)).containsExactly(key(1));
    }

    @Test
    void thereAreNotMoreFilesThanMayBe() {
        DiskIndex index = new DiskIndex(1 << 30, 2);
        List.of(1, 2).forEach(number -> write(index, number));
        assertThat(victims(index, 3)).containsExactly(key(1));
        assertThat(index.size()).isEqualTo(2);
    }

    @Test
    void aFileOnItsWayIsNotReadAndNotWrittenTwice() {
        DiskIndex index = new DiskIndex(3 * BLOCK, 100);
        DiskIndex.IndexedFile entry = index.admit(key(1), BLOCK).orElseThrow().entry();
        assertThat(index.find(key(1))).isNull();
        assertThat(index.admit(key(1), BLOCK)).isEmpty();
        index.markWritten(entry);
        assertThat(index.find(key(1))).isEqualTo(entry);
        assertThat(index.admit(key(1), BLOCK)).isEmpty();
    }

    @Test
    void aDamagedFileIsNotFoundAndIsReplaced() {
        DiskIndex index = new DiskIndex(3 * BLOCK, 100);
        List.of(1, 2, 3).forEach(number -> write(index, number));
        index.markDamaged(Objects.requireNonNull(index.find(key(2))));
        assertThat(index.find(key(2))).isNull();
        assertThat(victims(index, 2)).containsExactly(key(2));
    }

    @Test
    void aDamagedFileIsEvictedFirst() {
        DiskIndex index = new DiskIndex(3 * BLOCK, 100);
        List.of(1, 2, 3).forEach(number -> write(index, number));
        index.markDamaged(Objects.requireNonNull(index.find(key(3))));
        assertThat(victims(index, 4)).containsExactly(key(3));
    }

    @Test
    void filesLargerThanTheLimitAreNotAdmitted() {
        DiskIndex index = new DiskIndex(3 * BLOCK, 100);
        write(index, 1);
        assertThat(index.admit(key(2), 3 * BLOCK + 1)).isEmpty();
        assertThat(index.find(key(1))).isNotNull();
        assertThat(index.addExisting(key(3), 4 * BLOCK)).hasSize(1);
        assertThat(index.bytes()).isEqualTo(BLOCK);
    }

    /** Applies changes to files as the disk queue would, with some changes failing halfway. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theFilesNeverTakeMoreThanTheBound(long seed) {
        Random random = new Random(seed);
        DiskIndex index = new DiskIndex(20L * BLOCK, 15);
        Map<ChunkKey, Long> disk = new HashMap<>();
        Deque<DiskIndex.Admission> waiting = new ArrayDeque<>();
        for (int step = 0; step < 20_000; step++) {
            ChunkKey key = key(random.nextInt(40));
            switch (random.nextInt(6)) {
                case 0, 1, 2 ->
                        index.admit(key, 1 + random.nextInt(4 * BLOCK)).ifPresent(waiting::add);
                case 3 -> {
                    DiskIndex.IndexedFile entry = index.find(key);
                    if (entry != null) {
                        assertThat(disk).containsKey(key);
                        if (random.nextInt(10) == 0) {
                            index.markDamaged(entry);
                        }
                    }
                }
                default -> change(index, disk, waiting, random);
            }
            long blocks =
                    disk.values().stream().mapToLong(size -> (size + BLOCK - 1) / BLOCK).sum();
            assertThat(blocks).as("seed %d, step %d", seed, step).isLessThanOrEqualTo(20);
            assertThat(disk.size()).isLessThanOrEqualTo(15);
            assertThat(index.bytes()).isBetween(0L, 20L * BLOCK);
        }
        while (!waiting.isEmpty()) {
            change(index, disk, waiting, random);
        }
        assertThat(index.bytes())
                .isGreaterThanOrEqualTo(disk.values().stream().mapToLong(size -> size).sum());
    }

    private static void change(
            DiskIndex index,
            Map<ChunkKey, Long> disk,
            Deque<DiskIndex.Admission> waiting,
            Random random) {
        DiskIndex.Admission next = waiting.poll();
        if (next == null) {
            return;
        }
        List<DiskIndex.IndexedFile> victims = new ArrayList<>(next.victims());
        boolean fails = random.nextInt(5) == 0;
        int deleted = fails ? random.nextInt(victims.size() + 1) : victims.size();
        victims.subList(0, deleted).forEach(victim -> disk.remove(victim.key()));
        if (!fails) {
            disk.put(next.entry().key(), next.entry().fileBytes());
            index.markWritten(next.entry());
            return;
        }
        while (!waiting.isEmpty()) {
            index.undo(waiting.removeLast());
        }
        boolean clean = deleted < victims.size() || random.nextBoolean();
        if (clean) {
            index.remove(next.entry());
        } else {
            disk.put(next.entry().key(), next.entry().fileBytes());
            index.markDamaged(next.entry());
        }
        index.restore(victims.subList(deleted, victims.size()));
    }
}
