package io.millrace.metadata;

import java.util.List;

/** What the clean-up of the bucket may ask of the applied state. Only on the loop that owns it. */
public interface ObjectsView {

    /** How many entries of the log are applied. */
    long entries();

    /**
     * The objects that no extent names any more and that may still be in the bucket, in the order
     * in which they went.
     *
     * @param entry only those that went with this entry or an earlier one
     */
    List<DereferencedObjects> dereferenced(long entry);
}
