package io.millrace.group.coordinator;

import java.util.ArrayList;
import java.util.List;

/**
 * Waits for what is due at a tick, in a wheel: to put a deadline off costs nothing, as it is looked
 * at only when the time is over that it had at last. One entry for each deadline, however often it
 * is put off. Pure: it is given the time. Owned by the metadata's loop.
 */
final class TimingWheel {

    /** Something that is to be done at a tick. */
    interface Deadline {

        /** When nothing is to be done any more. */
        long NEVER = Long.MAX_VALUE;

        /** The tick at which it is due, as of now: it may be put off, not advanced. */
        long tick();

        /** It is due. It is forgotten then. */
        void due();
    }

    private static final int SLOTS = 1024;

    private final List<List<Deadline>> slots = new ArrayList<>();
    private long now;

    TimingWheel() {
        for (int i = 0; i < SLOTS; i++) {
            slots.add(new ArrayList<>());
        }
    }

    void add(Deadline deadline) {
        long tick = deadline.tick();
        if (tick != Deadline.NEVER) {
            // What is further away than the wheel is round is looked at on the way.
            long slot = Math.clamp(tick, now + 1, now + SLOTS - 1);
            slots.get((int) (slot % SLOTS)).add(deadline);
        }
    }

    /** Does what is due up to this tick. */
    void advance(long tick) {
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
