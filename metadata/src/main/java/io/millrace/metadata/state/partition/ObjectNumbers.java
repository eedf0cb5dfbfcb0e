package io.millrace.metadata.state.partition;

import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/**
 * A hash index of object numbers with open addressing. Takes 8 to 16 bytes per object; callers
 * compare the ids.
 */
final class ObjectNumbers {

    private static final int NONE = -1;

    /** A slot holds a number plus 1; 0 marks a free slot. */
    private int[] slots = new int[16];

    private int size;

    /** Returns the matching number; -1 without a match. */
    int find(long hash, IntPredicate matches) {
        for (int at = home(hash); slots[at] != 0; at = next(at)) {
            if (matches.test(slots[at] - 1)) {
                return slots[at] - 1;
            }
        }
        return NONE;
    }

    void add(int number, IntToLongFunction hashOf) {
        if (2 * (size + 1) > slots.length) {
            int[] old = slots;
            slots = new int[2 * old.length];
            for (int slot : old) {
                if (slot != 0) {
                    place(slot, hashOf);
                }
            }
        }
        size++;
        place(number + 1, hashOf);
    }

    private void place(int slot, IntToLongFunction hashOf) {
        int at = home(hashOf.applyAsLong(slot - 1));
        while (slots[at] != 0) {
            at = next(at);
        }
        slots[at] = slot;
    }

    /** Removes a number; the hash of the number and its neighbours must be unchanged. */
    void remove(int number, IntToLongFunction hashOf) {
        int hole = home(hashOf.applyAsLong(number));
        while (slots[hole] != number + 1) {
            if (slots[hole] == 0) {
                throw new IllegalStateException("object number " + number + " is not indexed");
            }
            hole = next(hole);
        }
        size--;
        // Moves back each later slot of the chain that the hole would cut off from its home.
        for (int at = next(hole); slots[at] != 0; at = next(at)) {
            int home = home(hashOf.applyAsLong(slots[at] - 1));
            if (((at - home) & (slots.length - 1)) >= ((at - hole) & (slots.length - 1))) {
                slots[hole] = slots[at];
                hole = at;
            }
        }
        slots[hole] = 0;
    }

    private int home(long hash) {
        long mixed = hash * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & (slots.length - 1);
    }

    private int next(int at) {
        return (at + 1) & (slots.length - 1);
    }
}
