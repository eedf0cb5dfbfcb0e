package io.millrace.storage.stream;

/** A sealed object with the positions of its batches. Immutable. */
public final class StreamObjectLayout {

    private final SealedObject object;
    private final long[] positions;
    private final int[] order;

    StreamObjectLayout(SealedObject object, long[] positions, int[] order) {
        this.object = object;
        this.positions = positions;
        this.order = order;
    }

    public SealedObject object() {
        return object;
    }

    public int batchCount() {
        return positions.length;
    }

    /**
     * Returns the position of a batch, in bytes from the start of the object.
     *
     * @param number the number from {@link StreamObjectBuilder#add}
     */
    public long position(int number) {
        return positions[number];
    }

    /**
     * Returns the number of a batch by its place in the object, from 0. Batches of a partition are
     * adjacent.
     */
    public int numberAt(int place) {
        return order[place];
    }
}
