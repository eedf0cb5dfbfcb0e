package io.millrace.storage.stream;

/**
 * Receives the stream objects that this process writes, before their entries are in the log. Local
 * readers then need not load the objects, and remote readers are served sooner. Optional: without a
 * receiver reads are only slower.
 */
@FunctionalInterface
public interface SealedObjectSink {

    /**
     * Offers an object as its upload starts. Its entry may never enter the log. The receiver may
     * keep the object for any time. Any thread; returns at once.
     */
    void offer(SealedObject object);

    /**
     * Called when an offered object was uploaded and can be loaded. Its entry may never enter the
     * log. Any thread; returns at once.
     */
    default void uploaded(ObjectRef object) {}

    /**
     * Called when an offered object will have no entry in the log, because the upload failed or was
     * too late. No reader can request the object. Any thread; returns at once.
     */
    default void withdrawn(ObjectId object) {}

    /** A sink that keeps nothing. */
    SealedObjectSink NONE = object -> {};
}
