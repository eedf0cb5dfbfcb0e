package io.millrace.metadata;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.CompletableFuture;

/**
 * A node's replica of the cluster metadata and the interface for changes. A change is a command
 * that is appended to the metadata log; every replica applies the entries of the log in order.
 */
public interface Metadata {

    /**
     * Returns the event loop that owns the replica, the only one on which {@link #view} may be
     * read.
     */
    EventLoop loop();

    /** Returns an immutable snapshot of the topics as of the last applied entry. Any thread. */
    Topics topics();

    /**
     * Returns the live state. Only on {@link #loop}; values read from the view are valid until the
     * current task ends.
     */
    MetadataView view();

    /**
     * Returns the live state of objects. Only on {@link #loop}; values are valid until the current
     * task ends.
     */
    ObjectsView objects();

    /**
     * Returns the live consumer groups. Only on {@link #loop}; values are valid until the current
     * task ends.
     */
    Groups groups();

    /** Returns the feature level in force. Only on {@link #loop}. */
    int featureLevel();

    /**
     * Appends a command to the log and applies it. Any thread. Commands of one lane keep the order
     * of their proposals. Commands queued during an append share the next entry.
     *
     * @return a future that completes on {@link #loop}, never exceptionally
     */
    CompletableFuture<Proposal> propose(Command command, Priority lane);

    /**
     * Waits until every entry that was in the log at the time of the call is applied. Await this
     * before a negative answer: a lagging replica must not deny that something exists. Any thread.
     *
     * @return a future that completes on {@link #loop}; fails with a {@link
     *     io.millrace.protocol.error.ProblemException} if the log cannot be reached in time
     */
    CompletableFuture<Void> barrier();

    /**
     * Reads the current log manifest. A node that starts, or a restore from the bucket, reaches no
     * state older than the manifest's checkpoint. Any thread.
     *
     * @return a future that completes on {@link #loop}; fails with a {@link
     *     io.millrace.protocol.error.ProblemException} if the log cannot be reached
     */
    CompletableFuture<LogManifest> manifest();

    /**
     * Registers a listener for changes of partitions, for the lifetime of this object. Only on
     * {@link #loop}.
     */
    void addListener(PartitionListener listener);

    /**
     * Registers a listener for changes of consumer groups' claims, members and leases, but not of
     * offsets, for the lifetime of this object. Only on {@link #loop}.
     */
    void addListener(GroupListener listener);

    /**
     * Returns this process's incarnation, which identifies the writer of its objects and entries.
     * The incarnation changes after the cluster declared this process dead. Any thread.
     */
    long incarnation();

    /** The queue for a proposed command. */
    enum Priority {
        /** Commands with a waiting producer. */
        PRODUCE,
        /** All other commands. */
        BACKGROUND
    }

    /** A listener that is notified of changed consumer groups. */
    @FunctionalInterface
    interface GroupListener {
        /**
         * Called when the group's claim, members or leases changed, or the group was deleted. Not
         * called when its coordinator's incarnation is closed. Runs on the loop, after the whole
         * entry is applied and before its proposals complete.
         */
        void groupChanged(String group);
    }

    /** A listener that is notified of changed partitions. */
    @FunctionalInterface
    interface PartitionListener {
        /**
         * Called when the partition's end or start moved, or the partition was deleted. Runs on the
         * loop, after the whole entry is applied and before its proposals complete.
         */
        void partitionChanged(long topicId, int partition);
    }
}
