package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one process to etcd and to its bucket, which can suspend the process at a
 * chosen call. A suspended process sends and receives nothing, either for ever, as after a crash,
 * or until it wakes. Owned by the event loop of its process.
 */
final class SuspendableProcess {

    /** The point of a call at which the process is suspended. */
    enum Side {
        /** The call is never made. */
        BEFORE,
        /** The call takes effect, but its answer does not arrive. */
        AFTER
    }

    /** The steps of a sealer, in order. */
    enum Step {
        BUMP,
        READ_EPOCH,
        PUT_ARCHIVE,
        PUT_MANIFEST,
        REPLACE_MANIFEST,
        COMPACT_HISTORY,
        PUT_CHECKPOINT,
        KEEP_CHECKPOINT,
        DELETE_GARBAGE
    }

    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private @Nullable Step step;
    private Side side = Side.BEFORE;
    private @Nullable Step last;
    private boolean held;
    private @Nullable Step delayed;
    private @Nullable Runnable late;
    private Runnable beforeRead = () -> {};
    private boolean failsCheckpoints;

    /** Suspends the process at the next such step. */
    void holdAt(Step next, Side where) {
        step = next;
        side = where;
    }

    /** Sets an action that precedes every read of an object. */
    void beforeReads(Runnable action) {
        beforeRead = action;
    }

    /** Sets whether the bucket fails writes of checkpoints. */
    void setFailsCheckpoints(boolean now) {
        failsCheckpoints = now;
    }

    boolean isHeld() {
        return held;
    }

    /**
     * Delays the answer to the next such step, which takes effect, until {@link
     * #deliverDelayedAnswer}.
     */
    void delayAnswer(Step next) {
        delayed = next;
    }

    boolean isDelayed() {
        return late != null;
    }

    /** Delivers the delayed answer. */
    void deliverDelayedAnswer() {
        Runnable answer = late;
        late = null;
        if (answer != null) {
            answer.run();
        }
    }

    /** Resumes the process: pending calls and answers are delivered. */
    void resume() {
        held = false;
        step = null;
        while (!held && !waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    private void pass(Runnable task) {
        if (held) {
            waiting.add(task);
        } else {
            task.run();
        }
    }

    private <T> CompletableFuture<T> call(
            @Nullable Step what, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (what != null) {
            last = what == Step.PUT_MANIFEST ? last : what;
        }
        if (what != null && what == delayed) {
            delayed = null;
            CompletableFuture<T> answer = call.get();
            late = () -> answer.thenAccept(result::complete);
            return result;
        }
        boolean now = what != null && what == step && !held;
        if (now && side == Side.BEFORE) {
            held = true;
        }
        pass(() -> {
            if (now && side == Side.AFTER) {
                held = true;
            }
            call.get()
                    .whenComplete((value, failure) ->
                            pass(() -> {
                                if (failure == null) {
                                    result.complete(value);
                                } else {
                                    result.completeExceptionally(failure);
                                }
                            }));
        });
        return result;
    }

    private @Nullable Step stepOf(List<Etcd.Op> ops) {
        for (Etcd.Op op : ops) {
            if (op instanceof Etcd.Op.Put put && put.key().endsWith("/epoch")) {
                return ops.size() == 1 ? Step.BUMP : null;
            }
            if (op instanceof Etcd.Op.Put put && put.key().endsWith("/manifest")) {
                return last == Step.PUT_CHECKPOINT ? Step.KEEP_CHECKPOINT : Step.REPLACE_MANIFEST;
            }
        }
        return null;
    }

    private static @Nullable Step stepOf(ObjectKey key) {
        if (key.value().contains("/meta/archive-")) {
            return Step.PUT_ARCHIVE;
        }
        if (key.value().startsWith("manifest/")) {
            return Step.PUT_MANIFEST;
        }
        return key.value().contains("/meta/checkpoint-") ? Step.PUT_CHECKPOINT : null;
    }

    /** Returns the connection to etcd. */
    Etcd to(Etcd etcd) {
        return new Etcd() {

            @Override
            public CompletableFuture<TxnResult> txn(
                    List<Condition> conditions, List<Op> then, List<Op> otherwise) {
                return call(stepOf(then), () -> etcd.txn(conditions, then, otherwise));
            }

            @Override
            public CompletableFuture<Page> range(String from, String end, long at, int limit) {
                // A reader of the log pins a revision; a sealer does not.
                return call(
                        at == 0 && from.contains("/log/") ? Step.READ_EPOCH : null,
                        () -> etcd.range(from, end, at, limit));
            }

            @Override
            public Watch watch(
                    String from, String end, long fromRevision, boolean deletes, Watcher watcher) {
                HeldWatcher after = new HeldWatcher(watcher);
                Watch watch = etcd.watch(from, end, fromRevision, deletes, after);
                return () -> {
                    after.open = false;
                    watch.close();
                };
            }

            @Override
            public CompletableFuture<Void> compact(long revision) {
                return call(Step.COMPACT_HISTORY, () -> etcd.compact(revision));
            }

            @Override
            public CompletableFuture<Void> freeSpace() {
                return call(null, () -> etcd.freeSpace());
            }

            @Override
            public CompletableFuture<Long> grantLease(Duration life) {
                return call(null, () -> etcd.grantLease(life));
            }

            @Override
            public CompletableFuture<Boolean> renewLease(long lease) {
                return call(null, () -> etcd.renewLease(lease));
            }

            @Override
            public CompletableFuture<Void> revokeLease(long lease) {
                return call(null, () -> etcd.revokeLease(lease));
            }

            @Override
            public void close() {
                etcd.close();
            }
        };
    }

    private final class HeldWatcher implements Etcd.Watcher {

        private final Etcd.Watcher watcher;
        private boolean open = true;

        HeldWatcher(Etcd.Watcher watcher) {
            this.watcher = watcher;
        }

        @Override
        public void put(Etcd.KeyValue key) {
            receive(() -> watcher.put(key));
        }

        @Override
        public void deleted(String key, long revision) {
            receive(() -> watcher.deleted(key, revision));
        }

        @Override
        public void failed(EtcdException why) {
            receive(() -> watcher.failed(why));
        }

        private void receive(Runnable event) {
            pass(() -> {
                if (open) {
                    event.run();
                }
            });
        }
    }

    /** Returns the connection to the bucket. */
    ObjectStore to(ObjectStore bucket) {
        return new ObjectStore() {

            @Override
            public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
                return failsCheckpoints && stepOf(key) == Step.PUT_CHECKPOINT
                        ? CompletableFuture.failedFuture(
                                new ObjectStoreException.Unavailable("no answer", null))
                        : call(stepOf(key), () -> bucket.put(key, body));
            }

            /** The archives and checkpoints of a test are too small for multipart uploads. */
            @Override
            public ObjectUploads uploads() {
                return bucket.uploads();
            }

            @Override
            public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
                beforeRead.run();
                return call(null, () -> bucket.getRange(key, range));
            }

            @Override
            public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
                return call(Step.DELETE_GARBAGE, () -> bucket.delete(keys));
            }

            @Override
            public CompletableFuture<Listing> list(String prefix, String after, int limit) {
                return call(null, () -> bucket.list(prefix, after, limit));
            }

            @Override
            public void close() {
                bucket.close();
            }
        };
    }
}
