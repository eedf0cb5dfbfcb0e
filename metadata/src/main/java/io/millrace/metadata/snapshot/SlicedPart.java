package io.millrace.metadata.snapshot;

/**
 * A part of a snapshot that the state's owner copies in slices. Its content is that of the entry at
 * which the copy began, although later entries may be applied between slices.
 */
public interface SlicedPart extends StateSnapshot.Part {

    /**
     * Copies further rows. Must not be called again once complete.
     *
     * @param max the maximum number of rows
     * @return whether the copy is complete
     */
    boolean proceed(int max);

    /** Stops copying. The copy cannot be completed. */
    void cancel();
}
