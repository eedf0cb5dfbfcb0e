package io.millrace.storage.stream;

/**
 * Hears of the stream objects that this process writes, before their entries are in the log: so
 * that readers here need not load them, and readers elsewhere need not wait for that. Nothing is
 * lost but time where nobody listens.
 */
@FunctionalInterface
public interface SealedObjectSink {

    /**
     * Offers an object whose upload begins now; its entry may never enter the log. The receiver may
     * keep it for as long as it likes. May be called from any thread; returns at once.
     */
    void offer(SealedObject object);

    /**
     * The upload of an object that was offered has ended well: whoever loads it now finds it. Its
     * entry may never enter the log. May be called from any thread; returns at once.
     */
    default void uploaded(ObjectRef object) {}

    /**
     * An object that was offered will have no entry in the log: its upload failed, or came too
     * late. Nobody can ask for it. May be called from any thread; returns at once.
     */
    default void withdrawn(ObjectId object) {}

    /** Keeps nothing. */
    SealedObjectSink NONE = object -> {};
}
