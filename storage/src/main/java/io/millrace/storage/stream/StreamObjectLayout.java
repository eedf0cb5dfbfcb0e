package io.millrace.storage.stream;

/** A sealed object, and where in it each batch went that was added to its builder. Immutable. */
public final class StreamObjectLayout {

    private final SealedObject object;
    private final long[] positions;
    private final int[] order;

    StreamObjectLayout(SealedObject object, long[] positions, int[] order) {
        this.object = object;
        this.positions = positions;
        this.order = order;
    }

    /** The object. */
    public SealedObject object() {
        return object;
    }

    /** Number of batches. */
    public int batchCount() {
        return positions.length;
    }

    /**
     * Where a batch lies, in bytes from the object's start.
     *
     * @param number of the batch, as it was given by {@link StreamObjectBuilder#add}
     */
    public long position(int number) {
        return positions[number];
    }

    /**
     * The number of the batch that lies in this place.
     *
     * @param place 0 for the first batch in the object: those of one partition are neighbours
     */
    public int numberAt(int place) {
        return order[place];
    }
}
