package io.millrace.fetch.subscribe;

import io.millrace.fetch.PartitionKey;
import org.jspecify.annotations.Nullable;

/** A partition that a subscription has, and how far it is sent. Owned by the subscriber's loop. */
final class Holding {

    static final long NOWHERE = -1;

    final PartitionKey key;

    /** What clients call it. */
    final PartitionName name;

    /** What was committed beside its offset. */
    String text = "";

    /** Of the next record to be sent. */
    long position = NOWHERE;

    /** The client wants nothing of it for now. */
    boolean paused;

    /** The client is to let go of it. */
    boolean revoked;

    /** It cannot be read on from here. */
    boolean failed;

    /** It is tried again later. */
    boolean resting;

    /** It is the subscription's no more. */
    boolean gone;

    /** The look-up that says where it goes on; null if none is under way. */
    Places.@Nullable Search search;

    /** How often it failed since it last gave something. */
    int failures;

    Holding(PartitionKey key, PartitionName name) {
        this.key = key;
        this.name = name;
    }

    /** Whether it is to be sent from its position on. */
    boolean isReadable() {
        return !paused
                && !revoked
                && !failed
                && !resting
                && !gone
                && search == null
                && position != NOWHERE;
    }
}
