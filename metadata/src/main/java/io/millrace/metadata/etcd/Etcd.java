package io.millrace.metadata.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * What Millrace needs of etcd: transactions, reads at a revision, watches, leases. Keys are text,
 * ordered by their bytes; a range goes from its first key to before its end.
 *
 * <p>Belongs to a loop: methods are called there, and futures and watchers are completed and called
 * there. Nothing blocks. Calls fail with an {@link EtcdException}; a call that failed may still
 * have taken effect. No call is repeated here: the caller knows what may be.
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
     * @param revision of the store that it was read at
     * @param more whether there are further keys behind these
     */
    record Page(List<KeyValue> keys, long revision, boolean more) {}

    /** Hears of changes. */
    interface Watcher {

        /** A key was put, in the order of the revisions. */
        void put(KeyValue key);

        /** A key was deleted; only of watches that asked for that. */
        void deleted(String key, long revision);

        /** Nothing more will come. */
        void failed(EtcdException why);
    }

    /** A watch that goes on. */
    interface Watch {
        /** Ends it: its watcher hears nothing more. */
        void close();
    }

    /** All conditions hold: the one list of operations in one step; else the other. */
    CompletableFuture<TxnResult> txn(List<Condition> conditions, List<Op> then, List<Op> otherwise);

    /**
     * Reads a range in the order of its keys.
     *
     * @param revision to read at; 0 for now
     * @param limit most keys
     */
    CompletableFuture<Page> range(String from, String end, long revision, int limit);

    /**
     * Watches a range.
     *
     * @param fromRevision the first revision to hear of
     * @param deletes whether deletions are told too
     */
    Watch watch(String from, String end, long fromRevision, boolean deletes, Watcher watcher);

    /** Forgets the history before a revision. */
    CompletableFuture<Void> compact(long revision);

    /** Makes a lease that lasts so long unless it is kept alive. */
    CompletableFuture<Long> grantLease(Duration life);

    /**
     * Keeps a lease alive for another life.
     *
     * @return whether it was still there
     */
    CompletableFuture<Boolean> keepLease(long lease);

    /** Ends a lease and deletes its keys. */
    CompletableFuture<Void> revokeLease(long lease);

    /** Lets go of all connections. Calls that wait fail. */
    void close();
}
