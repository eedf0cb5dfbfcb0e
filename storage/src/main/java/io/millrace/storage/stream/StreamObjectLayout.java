package io.millrace.storage.stream;

/** A sealed object with the position of each batch that was added to its builder. Immutable. */
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
     * @param number the number returned by {@link StreamObjectBuilder#add}
     */
    public long position(int number) {
        return positions[number];
    }

    /**
     * Returns the number of the batch at the given place.
     *
     * @param place the place in the object's order of batches, from 0; batches of a partition are
     *     adjacent
     */
    public int numberAt(int place) {
        return order[place];
    }
}
