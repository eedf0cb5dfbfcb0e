package io.millrace.storage.stream;

import io.millrace.storage.object.ObjectBody;
import java.util.List;

/**
 * A whole stream object in memory, in the pieces in which its batches arrived: nothing was copied
 * to make it. Immutable; may be read from any thread.
 */
public interface SealedObject {

    /** Identity, size and index position. */
    ObjectRef ref();

    /** The bytes to upload: header, runs, index, trailer. */
    ObjectBody body();

    /**
     * The bytes of a part of the runs, as slices in order. Every slice ends at the end of a batch
     * or at the end of the part.
     *
     * @param position from the object's start, inside the runs
     * @param length at least 1; position + length is at most the index position
     */
    List<Slice> read(long position, int length);

    /** Bytes of memory that holding on to this object costs, with all that its arrays waste. */
    long memoryBytes();
}
