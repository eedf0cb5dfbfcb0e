package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TimingWheelTest {

    private final TimingWheel deadlines = new TimingWheel();
    private long now;

    /** A deadline that records its runs. */
    private final class RecordingDeadline implements TimingWheel.Deadline {
        long tick;
        final List<Long> doneAt = new ArrayList<>();

        RecordingDeadline(long tick) {
            this.tick = tick;
        }

        @Override
        public long tick() {
            return tick;
        }

        @Override
        public void due() {
            doneAt.add(now);
        }
    }

    @Test
    void postponedDeadlineRunsOnceAtItsLastTick() {
        Random random = new Random(7);
        List<RecordingDeadline> all = new ArrayList<>();
        for (int tick = 0; tick < 20_000; tick++) {
            if (tick < 5_000 && random.nextInt(4) == 0) {
                RecordingDeadline one = new RecordingDeadline(now + 1 + random.nextInt(3_000));
                all.add(one);
                deadlines.add(one);
            }
            if (!all.isEmpty()) {
                RecordingDeadline one = all.get(random.nextInt(all.size()));
                if (one.doneAt.isEmpty() && one.tick < 15_000) {
                    one.tick += random.nextInt(2_000);
                }
            }
            deadlines.advance(++now);
        }
        assertThat(all).hasSizeGreaterThan(1_000);
        assertThat(all).allSatisfy(one -> assertThat(one.doneAt).containsExactly(one.tick));
    }

    @Test
    void cancelledDeadlineIsDropped() {
        RecordingDeadline one = new RecordingDeadline(10);
        deadlines.add(one);
        one.tick = TimingWheel.Deadline.NEVER;
        advance(2_000);
        one.tick = now;
        advance(2_000);
        assertThat(one.doneAt).isEmpty();
    }

    @Test
    void overdueDeadlineRunsAtTheNextTick() {
        advance(50);
        RecordingDeadline one = new RecordingDeadline(3);
        deadlines.add(one);
        advance(1);
        assertThat(one.doneAt).containsExactly(51L);
    }

    private void advance(int ticks) {
        for (int i = 0; i < ticks; i++) {
            deadlines.advance(++now);
        }
    }
}
