package io.millrace.storage.stream;

import io.millrace.storage.object.ObjectBody;
import java.util.List;

/**
 * A whole stream object in memory, in the pieces in which its batches arrived. Batches are not
 * copied. Immutable; any thread.
 */
public interface SealedObject {

    ObjectRef ref();

    /** Returns the bytes to upload: header, runs, index and trailer. */
    ObjectBody body();

    /**
     * Returns the bytes of a range of the runs, as slices in order. Each slice ends at the end of a
     * batch or at the end of the range.
     *
     * @param position the position from the start of the object, inside the runs
     * @param length the number of bytes, at least 1; the range must end at or before the index
     */
    List<Slice> read(long position, int length);

    /**
     * Returns the memory that a reference to this object retains, including unused parts of its
     * arrays.
     */
    long memoryBytes();
}
