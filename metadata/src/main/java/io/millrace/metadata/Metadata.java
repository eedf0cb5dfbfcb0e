package io.millrace.metadata;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.CompletableFuture;

/**
 * This process's copy of the cluster's metadata, and the way to change it: commands go into the
 * metadata log, and whatever the log says is applied here in its order.
 */
public interface Metadata {

    /** The loop that owns the copy: the only one on which {@link #view} may be read. */
    EventLoop loop();

    /** The topics as of the last applied entry: an immutable snapshot. Any thread. */
    Topics topics();

    /** The live state. Only on {@link #loop}; what it returns is valid until the task ends. */
    MetadataView view();

    /** The live state of objects. Only on {@link #loop}; what it returns is valid as long. */
    ObjectsView objects();

    /** The live consumer groups. Only on {@link #loop}; what it returns is valid as long. */
    Groups groups();

    /** The version of the state machine that is in force. Only on {@link #loop}. */
    int featureLevel();

    /**
     * Puts a command into the log and applies it. Any thread. Commands of one lane keep the order
     * of their proposals; what is queued while an append is in flight shares the next entry.
     *
     * @return completes on {@link #loop}, never exceptionally
     */
    CompletableFuture<Proposal> propose(Command command, Priority lane);

    /**
     * Waits until everything is applied that was in the log when this was called. To be awaited
     * before a negative answer: a copy that lags must not deny what exists. Any thread.
     *
     * @return completes on {@link #loop}; fails with a {@link
     *     io.millrace.protocol.error.ProblemException} if the log cannot be reached in time
     */
    CompletableFuture<Void> barrier();

    /**
     * Where the log has its past now: whoever starts anew, or restores the metadata from the
     * bucket, comes to no state before its checkpoint. Any thread.
     *
     * @return completes on {@link #loop}; fails with a {@link
     *     io.millrace.protocol.error.ProblemException} if the log cannot be reached
     */
    CompletableFuture<LogManifest> manifest();

    /**
     * Registers for the growth of partitions, for the life of this object. Only on {@link #loop}.
     */
    void addListener(PartitionListener listener);

    /**
     * Registers for changes of consumer groups' claims, members and leases, not of their offsets,
     * for the life of this object. Only on {@link #loop}.
     */
    void addListener(GroupListener listener);

    /**
     * This process's incarnation: the writer of its objects and entries. It changes when the
     * cluster took this process for dead. Any thread.
     */
    long incarnation();

    /** Which queue a command waits in. */
    enum Priority {
        /** A producer waits for it. */
        PRODUCE,
        /** Everything else. */
        BACKGROUND
    }

    /** Hears of consumer groups that changed. */
    @FunctionalInterface
    interface GroupListener {
        /**
         * Its claim, its members or its leases are others, or it is gone. The closing of a
         * coordinator's incarnation is not told. Called on the loop, after the whole entry is
         * applied and before its proposals complete.
         */
        void groupChanged(String group);
    }

    /** Hears of partitions that changed. */
    @FunctionalInterface
    interface PartitionListener {
        /**
         * The partition's end moved, its start moved, or it is gone. Called on the loop, after the
         * whole entry is applied and before its proposals complete.
         */
        void changed(long topicId, int partition);
    }
}
