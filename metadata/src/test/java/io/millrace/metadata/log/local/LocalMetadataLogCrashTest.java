package io.millrace.metadata.log.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.disk.CrashingDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Acknowledged entries survive a power failure at any operation of the disk. */
final class LocalMetadataLogCrashTest {

    private static final int ENTRIES = 34;
    private static final int CRASHES = 2;
    private static final long FIRST_LIFE = 7;

    /** The digest after each entry of a run without faults, and its number of disk operations. */
    private record Reference(List<Long> digests, long operations) {}

    private static Reference undisturbed() {
        CrashingDisk disk = new CrashingDisk();
        LogOnCrashingDisk log = LogOnCrashingDisk.start(disk, FIRST_LIFE);
        List<Long> digests = new ArrayList<>();
        digests.add(log.digest());
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(log.create(i)).isTrue();
            digests.add(log.digest());
        }
        return new Reference(digests, disk.operations());
    }

    /** Runs until an entry is not acknowledged; returns the number of acknowledged entries. */
    private static int run(LogOnCrashingDisk log) {
        int acknowledged = 0;
        while (acknowledged < ENTRIES && log.create(acknowledged)) {
            acknowledged++;
        }
        return acknowledged;
    }

    private static void mustHave(
            LogOnCrashingDisk log, Reference reference, int acknowledged, String when) {
        assertThat(log.topics()).as(when).isBetween(acknowledged, acknowledged + 1);
        for (int i = 0; i < log.topics(); i++) {
            assertThat(log.has(i)).as("%s, topic %d", when, i).isTrue();
        }
        assertThat(log.digest()).as(when).isEqualTo(reference.digests().get(log.topics()));
    }

    private static void mustServe(CrashingDisk disk, LogOnCrashingDisk log, String when) {
        int before = log.topics();
        for (int i = 0; i < 12; i++) {
            assertThat(log.create(1_000 + i)).as(when).isTrue();
        }
        log.close();
        LogOnCrashingDisk again = LogOnCrashingDisk.start(disk, 3);
        assertThat(again.topics()).as(when).isEqualTo(before + 12);
        assertThat(again.digest()).as(when).isEqualTo(log.digest());
    }

    @Test
    void acknowledgedEntriesSurviveAPowerFailureAtAnyOperation() {
        Reference reference = undisturbed();
        assertThat(reference.operations()).as("operations of log and bucket").isGreaterThan(150);
        for (long at = 1; at <= reference.operations(); at++) {
            for (int crash = 0; crash < CRASHES; crash++) {
                String when = "power gone at operation %d, crash %d".formatted(at, crash);
                CrashingDisk disk = new CrashingDisk();
                SplittableRandom random = new SplittableRandom(at * CRASHES + crash);
                int acknowledged = startAndRun(disk, at);
                disk.crash(random);
                LogOnCrashingDisk recovered = LogOnCrashingDisk.start(disk, 2);
                mustHave(recovered, reference, acknowledged, when);
                mustServe(disk, recovered, when);
            }
        }
    }

    private static int startAndRun(CrashingDisk disk, long stopAt) {
        disk.stopAtOperation(stopAt);
        return startAndRun(disk);
    }

    private static int startAndRun(CrashingDisk disk) {
        try {
            return run(LogOnCrashingDisk.start(disk, FIRST_LIFE));
        } catch (RuntimeException duringTheStart) {
            assertThat(duringTheStart).hasMessageContaining("as the test wants it");
            return 0;
        }
    }

    @Test
    void acknowledgedEntriesSurviveAPowerFailureDuringRecovery() {
        Reference reference = undisturbed();
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            CrashingDisk disk = new CrashingDisk();
            int acknowledged = startAndRun(disk, random.nextLong(1, reference.operations()));
            disk.crash(random);
            for (int at = 1; at < 6; at++) {
                disk.stopAtOperation(at);
                try {
                    LogOnCrashingDisk.start(disk, 2);
                } catch (RuntimeException stopped) {
                    assertThat(stopped).hasMessageContaining("as the test wants it");
                }
                disk.crash(random);
            }
            mustHave(LogOnCrashingDisk.start(disk, 2), reference, acknowledged, "seed " + seed);
        }
    }

    @Test
    void oneOperationMayFailWithoutHarmToWhatWasAcknowledged() {
        Reference reference = undisturbed();
        for (long at = 1; at <= reference.operations(); at++) {
            String when = "failure of operation " + at;
            CrashingDisk disk = new CrashingDisk();
            disk.failOperation(at);
            int acknowledged = startAndRun(disk);
            LogOnCrashingDisk recovered = LogOnCrashingDisk.start(disk, 2);
            mustHave(recovered, reference, acknowledged, when);
            mustServe(disk, recovered, when);
        }
    }

    @Test
    void entriesDeliveredAfterARestartSurviveTheNextPowerFailure() {
        Reference reference = undisturbed();
        for (long at = 1; at <= reference.operations(); at++) {
            CrashingDisk disk = new CrashingDisk();
            disk.failOperation(at);
            startAndRun(disk);
            LogOnCrashingDisk restarted = LogOnCrashingDisk.start(disk, 2);
            int shown = restarted.topics();
            disk.crash(new SplittableRandom(at));

            mustHave(
                    LogOnCrashingDisk.start(disk, 3),
                    reference,
                    shown,
                    "restart after a failure of operation " + at);
        }
    }

    @Test
    void entriesAcknowledgedAfterARestartSurviveTheNextPowerFailure() {
        long operations = undisturbed().operations();
        for (long at = 1; at <= operations; at++) {
            CrashingDisk disk = new CrashingDisk();
            disk.failOperation(at);
            startAndRun(disk);
            LogOnCrashingDisk restarted = LogOnCrashingDisk.start(disk, 2);
            int before = restarted.topics();
            assertThat(restarted.create(1_000)).isTrue();
            disk.crash(new SplittableRandom(at));

            LogOnCrashingDisk recovered = LogOnCrashingDisk.start(disk, 3);
            assertThat(recovered.has(1_000)).as("failure of operation " + at).isTrue();
            assertThat(recovered.topics()).isEqualTo(before + 1);
        }
    }

    @Test
    void aDiskThatIsFullForOneAppendLosesNoEntries() {
        int stored = 0;
        for (int room = 0; room < 300; room++) {
            CrashingDisk disk = new CrashingDisk();
            LogOnCrashingDisk log = LogOnCrashingDisk.start(disk, 1);
            disk.setCapacity(room);
            boolean fitted = log.create(0);
            disk.setCapacity(1 << 20);
            for (int i = 1; i < 4; i++) {
                assertThat(log.create(i)).isTrue();
            }

            LogOnCrashingDisk again = LogOnCrashingDisk.start(disk, 2);
            assertThat(again.has(0)).as("with room for %d bytes", room).isEqualTo(fitted);
            assertThat(again.topics()).isEqualTo(fitted ? 4 : 3);
            stored += fitted ? 1 : 0;
        }
        assertThat(stored).isBetween(1, 299);
    }

    @Test
    void aFullDiskRejectsAppendsUntilThereIsSpace() {
        for (int room = 0; room < 400; room++) {
            CrashingDisk disk = new CrashingDisk();
            LogOnCrashingDisk log = LogOnCrashingDisk.start(disk, 1);
            disk.setCapacity(60 + room);
            int stored = 0;
            while (log.create(stored)) {
                stored++;
            }
            disk.setCapacity(1 << 20);

            assertThat(log.create(stored)).as("with room again, after %d bytes", room).isTrue();
            log.close();
            assertThat(LogOnCrashingDisk.start(disk, 2).topics()).isEqualTo(stored + 1);
        }
    }
}
