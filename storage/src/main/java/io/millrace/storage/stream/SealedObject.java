package io.millrace.storage.stream;

import io.millrace.storage.object.ObjectBody;
import java.util.List;

/**
 * A whole stream object in memory, in the pieces in which its batches arrived. Immutable; any
 * thread.
 */
public interface SealedObject {

    ObjectRef ref();

    /** Returns header, runs, index and trailer. */
    ObjectBody body();

    /**
     * Returns a range of the runs as slices. Each slice ends at the end of a batch or of the range.
     *
     * @param position the position from the start of the object, inside the runs
     */
    List<Slice> read(long position, int length);

    /** Returns the retained memory, including unused parts of arrays. */
    long memoryBytes();
}
