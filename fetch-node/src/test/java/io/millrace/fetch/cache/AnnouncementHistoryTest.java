package io.millrace.fetch.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class AnnouncementHistoryTest {

    private static final int CHUNKS = 4;

    private final AnnouncementHistory announced = new AnnouncementHistory();
    private long nowNanos = 17;
    private long sequence;

    private static ObjectId object(long sequence) {
        return new ObjectId(ObjectId.Kind.WAL, 7, sequence);
    }

    private boolean next() {
        return announced.add(object(sequence++), CHUNKS, nowNanos);
    }

    private void read(long object, int chunks) {
        for (int chunk = 0; chunk < chunks; chunk++) {
            announced.requested(object(object), chunk);
        }
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    @Test
    void announcedObjectsAreNotLoadedBeforeAReaderFollows() {
        for (int i = 0; i < 100; i++) {
            assertThat(next()).isFalse();
            pass(Duration.ofMillis(100));
        }
    }

    @Test
    void announcedObjectsAreLoadedWhileReadersFollow() {
        next();
        read(0, CHUNKS);
        pass(AnnouncementHistory.MIN_AGE);
        assertThat(next()).isTrue();
    }

    @Test
    void objectsTooNewToBeReadDoNotCount() {
        next();
        read(0, CHUNKS);
        pass(AnnouncementHistory.MIN_AGE);
        for (int i = 0; i < 50; i++) {
            assertThat(next()).isTrue();
        }
    }

    @Test
    void lessThanHalfIsTooLittle() {
        next();
        next();
        read(0, CHUNKS - 1);
        pass(AnnouncementHistory.MIN_AGE);
        assertThat(next()).isFalse();
        read(1, 1);
        assertThat(next()).isTrue();
    }

    @Test
    void aChunkThatIsReadOftenCountsOnce() {
        next();
        for (int i = 0; i < 10; i++) {
            announced.requested(object(0), 0);
        }
        pass(AnnouncementHistory.MIN_AGE);
        assertThat(next()).isFalse();
    }

    @Test
    void announcementsOfFormerReadersExpire() {
        next();
        read(0, CHUNKS);
        pass(AnnouncementHistory.MAX_AGE.plusNanos(1));
        assertThat(next()).isFalse();
    }

    @Test
    void oneThatIsAnnouncedTwiceIsLoadedOnce() {
        next();
        read(0, CHUNKS);
        pass(AnnouncementHistory.MIN_AGE);
        assertThat(announced.add(object(1), CHUNKS, nowNanos)).isTrue();
        assertThat(announced.add(object(1), CHUNKS, nowNanos)).isFalse();
    }

    @Test
    void moreThanItKeepsPushTheOldestOut() {
        next();
        read(0, CHUNKS);
        for (int i = 0; i < 5_000; i++) {
            next();
        }
        pass(AnnouncementHistory.MIN_AGE);
        assertThat(next()).isFalse();
    }
}
