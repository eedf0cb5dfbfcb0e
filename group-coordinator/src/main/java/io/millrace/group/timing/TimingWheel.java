package io.millrace.group.timing;

import java.util.ArrayList;
import java.util.List;

/**
 * A timing wheel for deadlines in ticks. Postponing a deadline costs nothing, because the tick is
 * read again when the earlier tick is reached. Pure: time is passed in. Owned by the metadata's
 * event loop.
 */
public final class TimingWheel {

    public interface Deadline {

        /** The tick of a cancelled deadline. */
        long NEVER = Long.MAX_VALUE;

        /** Returns the tick at which the task is due; may increase, never decrease. */
        long tick();

        /** Runs the task, after the removal of the deadline. */
        void due();
    }

    private static final int SLOTS = 1024;

    private final List<List<Deadline>> slots = new ArrayList<>();
    private long now;

    public TimingWheel() {
        for (int i = 0; i < SLOTS; i++) {
            slots.add(new ArrayList<>());
        }
    }

    public void add(Deadline deadline) {
        long tick = deadline.tick();
        if (tick != Deadline.NEVER) {
            // Deadlines more than one revolution ahead are added again on the way.
            long slot = Math.clamp(tick, now + 1, now + SLOTS - 1);
            slots.get((int) (slot % SLOTS)).add(deadline);
        }
    }

    public void advance(long tick) {
        while (now < tick) {
            now++;
            int slot = (int) (now % SLOTS);
            List<Deadline> here = slots.set(slot, new ArrayList<>());
            for (Deadline deadline : here) {
                if (deadline.tick() <= now) {
                    deadline.due();
                } else {
                    add(deadline);
                }
            }
        }
    }
}
