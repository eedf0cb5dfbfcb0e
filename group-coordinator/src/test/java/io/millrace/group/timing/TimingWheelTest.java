package io.millrace.group.timing;

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
                RecordingDeadline deadline = new RecordingDeadline(now + 1 + random.nextInt(3_000));
                all.add(deadline);
                deadlines.add(deadline);
            }
            if (!all.isEmpty()) {
                RecordingDeadline deadline = all.get(random.nextInt(all.size()));
                if (deadline.doneAt.isEmpty() && deadline.tick < 15_000) {
                    deadline.tick += random.nextInt(2_000);
                }
            }
            deadlines.advance(++now);
        }
        assertThat(all).hasSizeGreaterThan(1_000);
        assertThat(all).allSatisfy(task -> assertThat(task.doneAt).containsExactly(task.tick));
    }

    @Test
    void cancelledDeadlineIsDropped() {
        RecordingDeadline deadline = new RecordingDeadline(10);
        deadlines.add(deadline);
        deadline.tick = TimingWheel.Deadline.NEVER;
        advance(2_000);
        deadline.tick = now;
        advance(2_000);
        assertThat(deadline.doneAt).isEmpty();
    }

    @Test
    void overdueDeadlineRunsAtTheNextTick() {
        advance(50);
        RecordingDeadline deadline = new RecordingDeadline(3);
        deadlines.add(deadline);
        advance(1);
        assertThat(deadline.doneAt).containsExactly(51L);
    }

    private void advance(int ticks) {
        for (int i = 0; i < ticks; i++) {
            deadlines.advance(++now);
        }
    }
}
