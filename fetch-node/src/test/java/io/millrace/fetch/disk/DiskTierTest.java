package io.millrace.fetch.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.disk.CrashingDisk;
import io.millrace.runtime.disk.Disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskTierTest {

    private static final long MANY = 1 << 30;
    private static final int LENGTH = 5000;
    private static final String READS = "millrace.fetch.disk.reads";
    private static final String WRITES = "millrace.fetch.disk.writes";

    private final CrashingDisk disk = new CrashingDisk();

    private DiskWorld world(long maxBytes) {
        return new DiskWorld(disk, "test", maxBytes);
    }

    @Test
    void chunksSurviveARestart() {
        DiskWorld before = world(MANY);
        for (int number = 0; number < 10; number++) {
            before.write(number, LENGTH + number);
        }
        DiskWorld after = world(MANY);
        for (int number = 0; number < 10; number++) {
            assertThat(after.has(number, LENGTH + number)).as("chunk %d", number).isTrue();
        }
        assertThat(after.has(10, LENGTH)).isFalse();
        assertThat(after.count(READS, "hit")).isEqualTo(10);
        assertThat(after.count(READS, "miss")).isEqualTo(1);
    }

    @Test
    void theLimitHoldsEvenAfterItWasLowered() throws IOException {
        DiskWorld world = world(20 * 4096);
        Random random = new Random(1);
        for (int number = 0; number < 200; number++) {
            world.write(number, 1 + random.nextInt(20_000));
            assertThat(world.bytesOnDisk()).isBetween(4096L, 20 * 4096L);
        }
        world(6 * 4096);
        assertThat(world.bytesOnDisk()).isBetween(4096L, 6 * 4096L);
    }

    @Test
    void aDamagedFileIsNotServedAndReplacedByTheNextWrite() throws IOException {
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        byte[] file = disk.read(world.file(1), 0, (int) disk.size(world.file(1)));
        for (int at : new int[] {0, 30, 60, 1000, file.length - 1}) {
            byte[] damaged = file.clone();
            damaged[at] ^= 1;
            overwrite(world.file(1), damaged);
            assertThat(world.has(1, LENGTH)).as("byte %d", at).isFalse();
            assertThat(world.has(1, LENGTH)).isFalse();
            world.write(1, LENGTH);
            assertThat(world.has(1, LENGTH)).isTrue();
        }
        assertThat(world.count(READS, "damaged")).isEqualTo(5);
    }

    @Test
    void aFileThatWasCutOffOrDeletedIsNotServed() throws IOException {
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        world.write(2, LENGTH);
        try (DiskFile file = disk.append(world.file(1))) {
            file.truncate(100);
        }
        disk.delete(world.file(2));
        assertThat(world.has(1, LENGTH)).isFalse();
        assertThat(world.has(2, LENGTH)).isFalse();
        world.write(1, LENGTH);
        world.write(2, LENGTH);
        assertThat(world.has(1, LENGTH)).isTrue();
        assertThat(world.has(2, LENGTH)).isTrue();
    }

    @Test
    void chunksOfAnotherClusterInTheSameFolderAreNotServed() {
        new DiskWorld(disk, "other", MANY).write(1, LENGTH);
        DiskWorld world = world(MANY);
        assertThat(world.has(1, LENGTH)).isFalse();
        // The other cluster's name is one letter longer. As the file has the expected size, only
        // its content differs.
        new DiskWorld(disk, "tess", MANY).write(2, LENGTH);
        assertThat(world(MANY).has(2, LENGTH)).isFalse();
    }

    @Test
    void filesThatAreNoChunksStay() throws IOException {
        disk.createDirectories(DiskWorld.FOLDER);
        overwrite(DiskWorld.FOLDER.resolve("lock"), new byte[10_000]);
        DiskWorld world = world(8192);
        for (int number = 0; number < 5; number++) {
            world.write(number, LENGTH);
        }
        assertThat(disk.exists(DiskWorld.FOLDER.resolve("lock"))).isTrue();
    }

    /** Crashes the process or the machine at each operation, with unsynced writes in any state. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noCrashAtAnyMomentLeavesBytesThatAreBelievedAndWrong(boolean powerLoss)
            throws IOException {
        int kept = 0;
        for (int operation = 1; operation < 60; operation++) {
            for (int seed = 0; seed < (powerLoss ? 5 : 1); seed++) {
                CrashingDisk torn = new CrashingDisk();
                DiskWorld before = new DiskWorld(torn, "test", 10 * 4096);
                torn.stopAtOperation(operation);
                for (int number = 0; number < 16; number++) {
                    before.write(number, 3000 + 500 * number);
                }
                if (powerLoss) {
                    torn.crash(new Random(1000L * operation + seed));
                } else {
                    torn.stopAtOperation(Long.MAX_VALUE / 2);
                }
                DiskWorld after = new DiskWorld(torn, "test", 10 * 4096);
                assertThat(after.bytesOnDisk()).isLessThanOrEqualTo(10 * 4096);
                for (int number = 0; number < 16; number++) {
                    kept += after.has(number, 3000 + 500 * number) ? 1 : 0;
                    after.write(number, 3000 + 500 * number);
                    assertThat(after.has(number, 3000 + 500 * number)).isTrue();
                    assertThat(after.bytesOnDisk()).isLessThanOrEqualTo(10 * 4096);
                }
            }
        }
        assertThat(kept).as("chunks that survived").isPositive();
    }

    @Test
    void aFullDiskKeepsItsChunksAndAcceptsMoreWhenSpaceIsFree() throws IOException {
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        disk.setCapacity(disk.size(world.file(1)) + 2000);
        world.write(2, LENGTH);
        assertThat(world.has(2, LENGTH)).isFalse();
        assertThat(world.has(1, LENGTH)).isTrue();
        assertThat(disk.exists(world.file(2))).as("half a file").isFalse();
        long tried = disk.operations();
        world.write(3, LENGTH);
        assertThat(disk.operations()).as("left alone for a while").isEqualTo(tried);

        disk.setCapacity(Long.MAX_VALUE);
        world.loop.advance(DiskCircuitBreaker.PAUSE);
        world.write(4, LENGTH);
        assertThat(world.has(4, LENGTH)).isTrue();
        assertThat(world.count(WRITES, "failed")).isEqualTo(1);
        assertThat(world.count(WRITES, "skipped")).isEqualTo(1);
        assertThat(world.count(WRITES, "kept")).isEqualTo(2);
    }

    @Test
    void readsThatFailAreMissesAndAreTriedAgainAfterAWhile() {
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        world.reads.broken = true;
        assertThat(world.has(1, LENGTH)).isFalse();
        assertThat(world.has(1, LENGTH)).isFalse();
        assertThat(world.count(READS, "failed")).isEqualTo(1);
        assertThat(world.count(READS, "skipped")).isEqualTo(1);

        world.reads.broken = false;
        world.loop.advance(DiskCircuitBreaker.PAUSE);
        assertThat(world.has(1, LENGTH)).isTrue();
    }

    @Test
    void aDiskThatDoesNotAnswerIsAMissInTime() {
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        var found = world.begin(1, LENGTH);
        assertThat(found).isNotDone();
        world.loop.advance(DiskTier.READ_TIMEOUT);
        assertThat(found).isCompletedWithValue(Optional.empty());
        assertThat(world.count(READS, "failed")).isEqualTo(1);
    }

    @Test
    void readersPassADiskThatIsBusy() {
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        for (int i = 0; i < DiskWorld.MAX_TASKS; i++) {
            assertThat(world.begin(1, LENGTH)).isNotDone();
        }
        assertThat(world.begin(1, LENGTH)).isCompletedWithValue(Optional.empty());
        assertThat(world.count(READS, "skipped")).isEqualTo(1);
        world.runPendingIo();
        assertThat(world.has(1, LENGTH)).isTrue();
    }

    @Test
    void chunksBeyondTheWriteQueueAreSkipped() {
        DiskWorld world = world(MANY);
        for (int number = 0; number < 100; number++) {
            world.offer(number, LENGTH);
        }
        world.runPendingIo();
        assertThat(world.count(WRITES, "kept")).isEqualTo(DiskWriteQueue.MAX_WAITING + 1);
        assertThat(world.count(WRITES, "skipped")).isEqualTo(100 - DiskWriteQueue.MAX_WAITING - 1);
        assertThat(world.has(DiskWriteQueue.MAX_WAITING, LENGTH)).isTrue();
        assertThat(world.has(99, LENGTH)).isFalse();
    }

    @Test
    void aDiskThatFailsAtTheStartIsUsedOnceItWorks() {
        disk.failOperation(1);
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        assertThat(world.has(1, LENGTH)).isFalse();
        world.loop.advance(DiskCircuitBreaker.PAUSE);
        world.runPendingIo();
        world.write(1, LENGTH);
        assertThat(world.has(1, LENGTH)).isTrue();
    }

    @Test
    void theFolderMayBeDeletedAtAnyTime() throws IOException {
        DiskWorld world = world(MANY);
        world.write(1, LENGTH);
        disk.delete(world.file(1));
        disk.delete(DiskWorld.FOLDER);
        assertThat(world.has(1, LENGTH)).isFalse();
        world.write(1, LENGTH);
        assertThat(world.has(1, LENGTH)).isTrue();
        assertThat(world.count(WRITES, "failed")).isZero();
    }

    private void overwrite(Path path, byte[] content) throws IOException {
        try (DiskFile file = disk.create(path)) {
            file.write(List.of(ByteBuffer.wrap(content)));
        }
    }
}
