package io.millrace.storage.stream;

/**
 * Receives the stream objects of this process before their entries are in the log, to speed up
 * reads. Methods are called on any thread and return at once.
 */
@FunctionalInterface
public interface SealedObjectSink {

    /**
     * Offers an object as its upload starts. Its entry may never enter the log. The receiver may
     * keep the object for any time.
     */
    void offer(SealedObject object);

    /** Called after the upload of an offered object. Its entry may never enter the log. */
    default void uploaded(ObjectRef object) {}

    /**
     * Called when an offered object will have no entry in the log, because its upload failed or was
     * too late.
     */
    default void withdrawn(ObjectId object) {}

    SealedObjectSink NONE = object -> {};
}
