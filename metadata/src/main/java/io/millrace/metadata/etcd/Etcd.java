package io.millrace.metadata.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * What Millrace needs of etcd: transactions, reads at a revision, watches, leases. Keys are text,
 * ordered by their bytes; a range goes from its first key to before its end. Values are copied.
 *
 * <p>Belongs to a loop: methods are called there, and there futures complete and watchers are
 * called, never before the call that made them returned. Nothing blocks. A call ends: if it is not
 * answered in time it fails. Calls fail with an {@link EtcdException}, whose kind says whether it
 * may have taken effect. No call is repeated here: the caller knows what may be.
 */
public interface Etcd {

    /**
     * A key and its value.
     *
     * @param createRevision of the put that created it
     * @param modRevision of its last put
     * @param version how many puts it had since it was created
     */
    @SuppressWarnings("ArrayRecordComponent")
    record KeyValue(
            String key, byte[] value, long createRevision, long modRevision, long version) {}

    /** What a transaction demands. */
    sealed interface Condition {

        /** The key has exactly this value. */
        @SuppressWarnings("ArrayRecordComponent")
        record ValueIs(String key, byte[] value) implements Condition {}

        /** The key is there and its value's bytes are greater. */
        @SuppressWarnings("ArrayRecordComponent")
        record ValueAbove(String key, byte[] value) implements Condition {}

        /** There is no such key. */
        record Absent(String key) implements Condition {}

        /** The key was last put at this revision; 0 if it is not there. */
        record UnchangedSince(String key, long modRevision) implements Condition {}
    }

    /** What a transaction does. */
    sealed interface Op {

        /**
         * Sets a value.
         *
         * @param lease with which the key goes
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Put(String key, byte[] value, OptionalLong lease) implements Op {

            /** Sets a value for good. */
            public Put(String key, byte[] value) {
                this(key, value, OptionalLong.empty());
            }
        }

        /** Reads a key. */
        record Get(String key) implements Op {}

        /** Deletes the keys of a range. */
        record Delete(String from, String end) implements Op {}
    }

    /**
     * What became of a transaction.
     *
     * @param succeeded whether the conditions held
     * @param revision of the store after it
     * @param gets what the gets of the branch that ran found, in their order
     */
    record TxnResult(boolean succeeded, long revision, List<Optional<KeyValue>> gets) {}

    /**
     * A part of a range.
     *
     * @param revision the newest one of the store when it was read, also where an older one was
     *     asked for
     * @param more whether there are further keys behind these
     */
    record Page(List<KeyValue> keys, long revision, boolean more) {}

    /**
     * Hears of changes in the order of the revisions, and those of one transaction in the order of
     * its operations.
     */
    interface Watcher {

        /** A key was put. */
        void put(KeyValue key);

        /** A key was deleted; only of watches that asked for that. */
        void deleted(String key, long revision);

        /**
         * Nothing more will come: the connection was lost, or the history is compacted. Whoever
         * wants to go on opens a new watch behind what was heard.
         */
        void failed(EtcdException why);
    }

    /** A watch that goes on. */
    interface Watch {
        /** Ends it: its watcher hears nothing more. */
        void close();
    }

    /**
     * All conditions hold: the one list of operations in one step and, if it changes anything, one
     * new revision; else the other. A list changes a key once at most.
     */
    CompletableFuture<TxnResult> txn(List<Condition> conditions, List<Op> then, List<Op> otherwise);

    /**
     * Reads a range in the order of its keys.
     *
     * @param revision to read at, not above the newest; 0 for now
     * @param limit most keys
     */
    CompletableFuture<Page> range(String from, String end, long revision, int limit);

    /**
     * Watches a range.
     *
     * @param fromRevision the first revision to hear of; may be one that is still to come
     * @param deletes whether deletions are told too
     */
    Watch watch(String from, String end, long fromRevision, boolean deletes, Watcher watcher);

    /** Forgets the history before a revision; fails as compacted if that was done before. */
    CompletableFuture<Void> compact(long revision);

    /**
     * Makes room where the space quota is used up: forgets all history, has each member give back
     * what is free in its database, and lets puts in again. If that was not enough they are refused
     * as before. Takes as long as the members need.
     */
    CompletableFuture<Void> makeRoom();

    /**
     * Makes a lease that lasts at least so long, in whole seconds, unless it is kept alive. When it
     * ends its keys are deleted, all at one revision. A key goes with the lease of its last put.
     */
    CompletableFuture<Long> grantLease(Duration life);

    /**
     * Keeps a lease alive for another life.
     *
     * @return whether it was still there
     */
    CompletableFuture<Boolean> keepLease(long lease);

    /** Ends a lease and deletes its keys. Does nothing if it is gone. */
    CompletableFuture<Void> revokeLease(long lease);

    /** Lets go of all connections. Calls that wait and open watches fail, and all later calls. */
    void close();
}
