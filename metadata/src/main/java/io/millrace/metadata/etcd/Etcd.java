package io.millrace.metadata.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The operations of etcd that Millrace uses: transactions, reads at a revision, watches and leases.
 * Keys are text, ordered by their bytes. Values are copied.
 *
 * <p>Belongs to an event loop: methods are called there; futures complete and watchers run there,
 * never before the creating call returned. Nothing blocks. An unanswered call fails after its
 * timeout. Calls fail with an {@link EtcdException}, whose kind says whether the call may have
 * taken effect. Retries are left to the caller.
 */
public interface Etcd {

    /**
     * A key and its value.
     *
     * @param version the number of puts since the creation
     */
    @SuppressWarnings("ArrayRecordComponent")
    record KeyValue(
            String key, byte[] value, long createRevision, long modRevision, long version) {}

    /** A condition of a transaction. */
    sealed interface Condition {

        /** The key has this value. */
        @SuppressWarnings("ArrayRecordComponent")
        record ValueIs(String key, byte[] value) implements Condition {}

        /** The key exists and its value is greater, compared by bytes. */
        @SuppressWarnings("ArrayRecordComponent")
        record ValueAbove(String key, byte[] value) implements Condition {}

        /** The key does not exist. */
        record Absent(String key) implements Condition {}

        /** The key was last put at this revision; absent for revision 0. */
        record UnchangedSince(String key, long modRevision) implements Condition {}
    }

    /** An operation of a transaction. */
    sealed interface Op {

        /**
         * Sets a value.
         *
         * @param lease the lease at whose end the key is deleted
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Put(String key, byte[] value, OptionalLong lease) implements Op {

            public Put(String key, byte[] value) {
                this(key, value, OptionalLong.empty());
            }
        }

        /** Reads a key. */
        record Get(String key) implements Op {}

        /** Deletes a range. */
        record Delete(String from, String end) implements Op {}
    }

    /**
     * The result of a transaction.
     *
     * @param succeeded whether the conditions held
     * @param revision of the store after the transaction
     * @param gets the results of the gets in the executed branch, in order
     */
    record TxnResult(boolean succeeded, long revision, List<Optional<KeyValue>> gets) {}

    /**
     * A page of a range.
     *
     * @param revision the newest of the store, even if an older revision was read
     */
    record Page(List<KeyValue> keys, long revision, boolean more) {}

    /** A receiver of changes, in the order of revisions and of operations within a transaction. */
    interface Watcher {

        void put(KeyValue key);

        void deleted(String key, long revision);

        /**
         * Ends the watch: the connection was lost or the history is compacted. To continue, open a
         * new watch from the revision after the last received change.
         */
        void failed(EtcdException why);
    }

    /** An open watch. */
    interface Watch {
        /** Closes the watch; its watcher receives no further calls. */
        void close();
    }

    /**
     * Executes {@code then} if all conditions hold, otherwise {@code otherwise}. The operations
     * take effect atomically, at one new revision if they change anything. A list may change a key
     * at most once.
     */
    CompletableFuture<TxnResult> txn(List<Condition> conditions, List<Op> then, List<Op> otherwise);

    /**
     * Reads a range in key order.
     *
     * @param revision the revision to read at; 0 for the newest
     */
    CompletableFuture<Page> range(String from, String end, long revision, int limit);

    /**
     * Watches a range.
     *
     * @param fromRevision the first revision to receive; may be in the future
     */
    Watch watch(String from, String end, long fromRevision, boolean deletes, Watcher watcher);

    /** Compacts the history before a revision. Fails as {@code COMPACTED} if already compacted. */
    CompletableFuture<Void> compact(long revision);

    /**
     * Frees space when the space quota is used up: compacts the whole history, defragments the
     * database of each member and clears the alarms.
     */
    CompletableFuture<Void> freeSpace();

    /**
     * Creates a lease of at least this lifetime, in whole seconds. At its end, its keys are deleted
     * at one revision. A key belongs to the lease of its last put.
     */
    CompletableFuture<Long> grantLease(Duration life);

    /**
     * Renews a lease for another lifetime.
     *
     * @return whether the lease still existed
     */
    CompletableFuture<Boolean> renewLease(long lease);

    /** Revokes a lease and deletes its keys. No effect on an expired lease. */
    CompletableFuture<Void> revokeLease(long lease);

    /** Closes all connections. Pending calls, open watches and all later calls fail. */
    void close();
}
