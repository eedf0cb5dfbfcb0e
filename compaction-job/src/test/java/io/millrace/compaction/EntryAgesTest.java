package io.millrace.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EntryAgesTest {

    private static final int ENTRIES = 10;

    private Instant now = Instant.EPOCH;
    private final MemoryObjectStore objects = new MemoryObjectStore(Runnable::run, () -> now);
    private final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    private LogManifest past = LogManifest.EMPTY;

    /** Appends one archive each second. */
    private void archive(int many) {
        for (int i = 0; i < many; i++) {
            now = now.plusSeconds(1);
            ObjectKey key = new ObjectKey("archives/%06d".formatted(past.firstLiveEpoch()));
            objects.put(key, ObjectBody.of(new byte[1])).join();
            past =
                    past.with(
                            StoredArchive.newBuilder()
                                    .setKey(key.value())
                                    .setEpoch(past.firstLiveEpoch())
                                    .setFirstPosition(past.firstLivePosition())
                                    .setEntries(ENTRIES)
                                    .build());
        }
    }

    private long olderThan(int seconds) {
        return new EntryAges(bucket).lastOlderThan(past, Duration.ofSeconds(seconds)).join();
    }

    @Test
    void findsTheNewestArchiveThatIsSoOld() {
        assertThat(olderThan(0)).isZero();
        for (int archives = 1; archives < 20; archives++) {
            archive(1);
            for (int age = 0; age < archives; age++) {
                assertThat(olderThan(age)).isEqualTo((long) (archives - age) * ENTRIES);
            }
            assertThat(olderThan(archives)).as("%d archives", archives).isZero();
        }
    }

    @Test
    void asksForFewOfMany() {
        archive(1_000);

        assertThat(olderThan(300)).isEqualTo(700 * ENTRIES);
        assertThat(bucket.calls()).isLessThanOrEqualTo(12);
    }
}
