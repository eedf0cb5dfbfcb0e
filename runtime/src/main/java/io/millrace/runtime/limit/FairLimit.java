package io.millrace.runtime.limit;

import java.util.HashMap;
import java.util.Map;

/**
 * A limit that users share. A user may hold what is not more than the free rest: one user gets at
 * most half of the limit, two users a third each, and there is room for further users. Any thread.
 */
public final class FairLimit {

    private final int max;
    private final Map<Object, Integer> byUser = new HashMap<>();
    private int used;
    private long rejected;

    public FairLimit(int max) {
        this.max = max;
    }

    /**
     * Adds to what the user holds, if that leaves enough for others.
     *
     * @param user the user, compared by {@code equals}
     * @param amount 0 or more
     */
    public synchronized boolean tryAdd(Object user, int amount) {
        if ((long) byUser.getOrDefault(user, 0) + amount > max - used) {
            rejected++;
            return false;
        }
        byUser.merge(user, amount, Integer::sum);
        used += amount;
        return true;
    }

    public synchronized void remove(Object user, int amount) {
        byUser.computeIfPresent(user, (key, held) -> held == amount ? null : held - amount);
        used -= amount;
    }

    /** Returns the sum over all users. */
    public synchronized int used() {
        return used;
    }

    /** Returns the number of rejected additions. */
    public synchronized long rejected() {
        return rejected;
    }
}
