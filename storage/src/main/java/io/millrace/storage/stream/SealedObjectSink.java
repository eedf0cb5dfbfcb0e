package io.millrace.storage.stream;

/**
 * Takes stream objects that were just written in this process, so that readers need not load them.
 */
@FunctionalInterface
public interface SealedObjectSink {

    /**
     * Offers an object whose upload begins now; its entry may never enter the log. The receiver may
     * keep it for as long as it likes. May be called from any thread; returns at once.
     */
    void offer(SealedObject object);

    /** Keeps nothing. */
    SealedObjectSink NONE = object -> {};
}
