package io.millrace.metadata;

import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.node.NodeNumbers;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.CompletableFuture;

/**
 * A node's replica of the cluster metadata, and the interface for changes by commands. Futures
 * complete on {@link #loop}. Listeners are called there, after a whole entry is applied and before
 * its proposals complete.
 */
public interface Metadata {

    /** Returns the owner of the replica. */
    EventLoop loop();

    /** Returns an immutable snapshot as of the last applied entry. Any thread. */
    Topics topics();

    /**
     * Returns an immutable snapshot as of the last applied entry. Any thread. The same object until
     * the ACLs change.
     */
    Acls acls();

    /**
     * Returns an immutable snapshot as of the last applied entry. Any thread. The same object until
     * the quotas change.
     */
    Quotas quotas();

    /**
     * Returns an immutable snapshot as of the last applied entry. Any thread. The same object until
     * the SCRAM credentials change.
     */
    ScramCredentials scramCredentials();

    /**
     * Returns an immutable snapshot as of the last applied entry. Any thread. The same object until
     * a node receives a number.
     */
    NodeNumbers nodeNumbers();

    /**
     * Returns the live state. Only on {@link #loop}; values are valid until the current task ends.
     */
    MetadataView view();

    /** Returns live state like {@link #view}. */
    ObjectsView objects();

    /** Returns live state like {@link #view}. */
    ProducersView producers();

    /** Returns live state like {@link #view}. */
    Groups groups();

    /** Only on {@link #loop}. */
    int featureLevel();

    /**
     * Appends a command to the log and applies it. Any thread. Commands of one lane keep their
     * order. Commands queued during an append share the next entry.
     *
     * @return never completes exceptionally
     */
    CompletableFuture<Proposal> propose(Command command, Priority lane);

    /**
     * Waits until every entry is applied that was in the log at the time of the call. Required
     * before a negative answer. Any thread.
     *
     * @return fails with a {@link io.millrace.protocol.error.ProblemException} if the log cannot be
     *     reached in time
     */
    CompletableFuture<Void> barrier();

    /**
     * Reads the current log manifest. A later start or restore reaches no state older than its
     * checkpoint. Any thread.
     *
     * @return fails with a {@link io.millrace.protocol.error.ProblemException} if the log cannot be
     *     reached
     */
    CompletableFuture<LogManifest> manifest();

    /** Registers a listener for the lifetime of this object. Only on {@link #loop}. */
    void addListener(PartitionListener listener);

    /** Registers a listener for the lifetime of this object. Only on {@link #loop}. */
    void addListener(GroupListener listener);

    /**
     * Returns this process's incarnation, the writer of its objects and entries. Changes after the
     * cluster closed the incarnation. Any thread.
     */
    long incarnation();

    /**
     * Returns the number of the cluster's life, from 1. A restore of the log from a backup raises
     * it. Any thread.
     */
    long generation();

    /** The queue for a proposed command. */
    enum Priority {
        /** Commands that producers wait for. */
        PRODUCE,
        BACKGROUND
    }

    /** A listener for changes of consumer groups. */
    @FunctionalInterface
    interface GroupListener {
        /**
         * Called when the group's claim, members or leases changed or the group was deleted, but
         * not when its coordinator's incarnation is closed.
         */
        void groupChanged(String group);
    }

    /** A listener for changes of partitions. */
    @FunctionalInterface
    interface PartitionListener {
        /** Called when the partition's end or start moved or the partition was deleted. */
        void partitionChanged(long topicId, int partition);
    }
}
