package io.millrace.fetch.subscribe;

import io.millrace.metadata.topic.PartitionId;
import org.jspecify.annotations.Nullable;

/** A partition that a subscription has, and how far it is sent. Owned by the subscriber's loop. */
final class SubscribedPartition {

    static final long NOWHERE = -1;

    final PartitionId key;

    /** What clients call it. */
    final NamedPartition name;

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
    StartPositionLookup.@Nullable Search search;

    /** How often it failed since it last gave something. */
    int failures;

    SubscribedPartition(PartitionId key, NamedPartition name) {
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
