package io.millrace.cli.verify.proof;

import java.util.Map;
import java.util.TreeMap;

/** A set of sequence numbers stored as runs, since failures occur in runs. */
final class SequenceSet {

    /** The first number of each run, and the number after its last. */
    private final TreeMap<Long, Long> runs = new TreeMap<>();

    private long size;

    /** Returns whether the number is new. */
    boolean add(long number) {
        if (contains(number)) {
            return false;
        }
        size++;
        long from = number;
        Map.Entry<Long, Long> before = runs.lowerEntry(number);
        if (before != null && before.getValue() == number) {
            from = before.getKey();
        }
        Long until = runs.remove(number + 1);
        runs.put(from, until == null ? number + 1 : until);
        return true;
    }

    /** Adds a range of new numbers. The end is exclusive. */
    void addNew(long from, long until) {
        size += until - from;
        Map.Entry<Long, Long> before = runs.lowerEntry(from);
        long start = before != null && before.getValue() == from ? before.getKey() : from;
        Long end = runs.remove(until);
        runs.put(start, end == null ? until : end);
    }

    boolean contains(long number) {
        Map.Entry<Long, Long> run = runs.floorEntry(number);
        return run != null && number < run.getValue();
    }

    long size() {
        return size;
    }
}
