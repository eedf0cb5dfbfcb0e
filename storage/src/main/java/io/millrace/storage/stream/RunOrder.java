package io.millrace.storage.stream;

/**
 * An order of batches by topic id, partition and arrival.
 *
 * <p>A merge sort over primitive keys. For ten thousand partitions, a comparator over objects would
 * take milliseconds of the event loop.
 */
final class RunOrder {

    private final long[] topicIds;
    private final int[] partitions;

    private RunOrder(long[] topicIds, int[] partitions) {
        this.topicIds = topicIds;
        this.partitions = partitions;
    }

    /** Returns the sorted numbers of the first {@code count} batches. */
    static int[] of(long[] topicIds, int[] partitions, int count) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        new RunOrder(topicIds, partitions).sort(order, new int[count], 0, count);
        return order;
    }

    private void sort(int[] order, int[] scratch, int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        sort(order, scratch, from, middle);
        sort(order, scratch, middle, to);
        if (inOrder(order[middle - 1], order[middle])) {
            return;
        }
        System.arraycopy(order, from, scratch, from, middle - from);
        int left = from;
        int right = middle;
        for (int i = from; left < middle; i++) {
            boolean takeLeft = right >= to || inOrder(scratch[left], order[right]);
            order[i] = takeLeft ? scratch[left++] : order[right++];
        }
    }

    private boolean inOrder(int before, int after) {
        return topicIds[before] != topicIds[after]
                ? topicIds[before] < topicIds[after]
                : partitions[before] <= partitions[after];
    }
}
