package io.millrace.metadata.etcd;

import io.millrace.runtime.loop.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * An etcd in memory for any number of clients on one simulated event loop, with revisions,
 * compaction, watches, and leases that expire by the event loop's clock. Each client can be cut
 * off, lose replies or be delayed. One thread.
 */
public final class FakeEtcd {

    private final EventLoop loop;
    private final FakeKeys keys = new FakeKeys();
    private final FakeLeases leases;
    private final List<Client> clients = new ArrayList<>();
    private long transactions;
    private boolean full;
    private boolean fullOfWaste;

    public FakeEtcd(EventLoop loop) {
        this.loop = loop;
        this.leases = new FakeLeases(loop, this::leaseExpired);
    }

    /** Returns a new client. */
    public Client client() {
        Client client = new Client();
        clients.add(client);
        return client;
    }

    /** Returns the number of transactions so far. */
    public long transactions() {
        return transactions;
    }

    /** Returns the existing keys. */
    public List<String> keys() {
        return keys.names();
    }

    /** Returns the value of a key; empty if the key does not exist. */
    public byte[] value(String key) {
        return keys.get(key).map(Etcd.KeyValue::value).orElse(new byte[0]);
    }

    /** Sets whether puts fail, as with a full space quota. */
    public void setFull(boolean now) {
        full = now;
    }

    /** Fails puts until space is freed. */
    public void fillUntilSpaceIsFreed() {
        fullOfWaste = true;
    }

    /** Compacts the history before a revision, as another client would. */
    public void compactTo(long before) {
        keys.compactTo(before);
    }

    /** Loses all keys and revisions, as after a start with an empty data folder. */
    public void loseAll() {
        keys.reset();
    }

    /** The keys at a revision, without keys of leases. */
    public record Backup(long revision, List<Etcd.KeyValue> keys) {}

    /** Takes a backup, as {@code etcdctl snapshot save} does. */
    public Backup backup() {
        leases.endDue();
        return new Backup(
                keys.revision(),
                keys.all().stream().filter(key -> !leases.isAttached(key.key())).toList());
    }

    /**
     * Replaces all keys by those of a backup and cuts all watches.
     *
     * @param revision the revision of the backup, or a higher one
     */
    public void restore(Backup backup, long revision) {
        keys.all().forEach(key -> leases.detach(key.key()));
        keys.restore(backup.keys(), revision);
        clients.forEach(Client::cutWatches);
    }

    /** Changes a key without a client, as an operator does. */
    public void put(String key, String value) {
        keys.advanceRevision(1);
        keys.put(key, value.getBytes(StandardCharsets.UTF_8));
        report();
    }

    /** Returns the newest revision. */
    public long revision() {
        return keys.revision();
    }

    /** Advances the revision, as changes of other keys by other clients would. */
    public void advanceRevision(long changes) {
        keys.advanceRevision(changes);
    }

    private void leaseExpired(Set<String> gone) {
        keys.advanceRevision(1);
        gone.forEach(this::delete);
        report();
    }

    private void put(Etcd.Op.Put put) {
        keys.put(put.key(), put.value());
        leases.detach(put.key());
        put.lease().ifPresent(lease -> leases.attach(lease, put.key()));
    }

    private void delete(String key) {
        keys.delete(key);
        leases.detach(key);
    }

    private Etcd.TxnResult run(
            List<Etcd.Condition> conditions, List<Etcd.Op> then, List<Etcd.Op> otherwise) {
        leases.endDue();
        transactions++;
        boolean succeeded = conditions.stream().allMatch(keys::holds);
        List<Etcd.Op> ops = succeeded ? then : otherwise;
        rejectTwoChangesOfOneKey(then);
        rejectTwoChangesOfOneKey(otherwise);
        boolean changes = ops.stream().anyMatch(this::changes);
        if ((full || fullOfWaste) && ops.stream().anyMatch(op -> op instanceof Etcd.Op.Put)) {
            throw new EtcdException(EtcdException.Kind.NO_SPACE, "no space", null);
        }
        for (Etcd.Op op : ops) {
            if (op instanceof Etcd.Op.Put put
                    && put.lease().isPresent()
                    && !leases.isThere(put.lease().getAsLong())) {
                throw new EtcdException(EtcdException.Kind.REJECTED, "lease not found", null);
            }
        }
        if (changes) {
            keys.advanceRevision(1);
        }
        List<Optional<Etcd.KeyValue>> gets = new ArrayList<>();
        for (Etcd.Op op : ops) {
            switch (op) {
                case Etcd.Op.Put put -> put(put);
                case Etcd.Op.Get get -> gets.add(keys.get(get.key()));
                case Etcd.Op.Delete delete ->
                        List.copyOf(keys.between(delete.from(), delete.end()).keySet())
                                .forEach(this::delete);
            }
        }
        if (changes) {
            report();
        }
        return new Etcd.TxnResult(succeeded, keys.revision(), gets);
    }

    private boolean changes(Etcd.Op op) {
        return switch (op) {
            case Etcd.Op.Put put -> true;
            case Etcd.Op.Get get -> false;
            case Etcd.Op.Delete delete -> !keys.between(delete.from(), delete.end()).isEmpty();
        };
    }

    private static void rejectTwoChangesOfOneKey(List<Etcd.Op> ops) {
        Set<String> put = new HashSet<>();
        for (Etcd.Op op : ops) {
            if (op instanceof Etcd.Op.Put operation && !put.add(operation.key())) {
                throw new EtcdException(EtcdException.Kind.REJECTED, "duplicate key", null);
            }
        }
        for (Etcd.Op op : ops) {
            if (op instanceof Etcd.Op.Delete range
                    && put.stream()
                            .anyMatch(key ->
                                    key.compareTo(range.from()) >= 0
                                            && key.compareTo(range.end()) < 0)) {
                throw new EtcdException(EtcdException.Kind.REJECTED, "duplicate key", null);
            }
        }
    }

    private void report() {
        clients.forEach(Client::reportWatches);
    }

    /** The connection of one process. */
    public final class Client implements Etcd {

        private final List<FakeWatch> watches = new ArrayList<>();
        private final ArrayDeque<Boolean> lostReplies = new ArrayDeque<>();
        private Duration requestTime = Duration.ZERO;
        private Duration replyTime = Duration.ZERO;
        private long maxPageBytes = Long.MAX_VALUE;
        private boolean away;
        private boolean closed;

        /** Sets the delays of requests and replies. */
        public void setDelays(Duration request, Duration reply) {
            requestTime = request;
            replyTime = reply;
        }

        /**
         * Disconnects or reconnects the client. While disconnected, calls fail without effect and
         * watches are silent.
         */
        public void setDisconnected(boolean now) {
            away = now;
            if (!now) {
                reportWatches();
            }
        }

        /** Makes reads of more bytes fail, as over a slow connection. */
        public void limitPages(long bytes) {
            maxPageBytes = bytes;
        }

        /** Makes the marked calls among the next ones take effect but lose their reply. */
        public void loseReplies(boolean... lost) {
            for (boolean loses : lost) {
                lostReplies.add(loses);
            }
        }

        /** Ends all watches of this client with an error. */
        public void cutWatches() {
            List<FakeWatch> cut = List.copyOf(watches);
            watches.clear();
            cut.forEach(watch ->
                    watch.fail(
                            new EtcdException(
                                    EtcdException.Kind.UNAVAILABLE, "watch was cut", null)));
        }

        /** Silences all open watches of this client, including the report of their end. */
        public void silenceWatches() {
            watches.clear();
        }

        private <T> CompletableFuture<T> call(Supplier<T> effect) {
            CompletableFuture<T> result = new CompletableFuture<>();
            boolean lost = Boolean.TRUE.equals(lostReplies.poll());
            loop.schedule(
                    requestTime,
                    () -> {
                        if (away || closed) {
                            result.completeExceptionally(
                                    new EtcdException(
                                            EtcdException.Kind.UNAVAILABLE, "etcd is away", null));
                            return;
                        }
                        try {
                            T value = effect.get();
                            loop.schedule(
                                    replyTime,
                                    () -> {
                                        if (lost || closed) {
                                            result.completeExceptionally(
                                                    new EtcdException(
                                                            EtcdException.Kind.UNAVAILABLE,
                                                            "the reply was lost",
                                                            null));
                                        } else {
                                            result.complete(value);
                                        }
                                    });
                        } catch (EtcdException rejected) {
                            result.completeExceptionally(rejected);
                        }
                    });
            return result;
        }

        @Override
        public CompletableFuture<TxnResult> txn(
                List<Condition> conditions, List<Op> then, List<Op> otherwise) {
            return call(() -> run(conditions, then, otherwise));
        }

        @Override
        public CompletableFuture<Page> range(String from, String end, long at, int limit) {
            return call(() -> {
                leases.endDue();
                if (at != 0 && at < keys.compacted()) {
                    throw new EtcdException(EtcdException.Kind.COMPACTED, "compacted", null);
                }
                if (at > keys.revision()) {
                    throw new EtcdException(EtcdException.Kind.REJECTED, "future revision", null);
                }
                List<KeyValue> all =
                        at == 0 || at == keys.revision()
                                ? List.copyOf(keys.between(from, end).values())
                                : keys.between(from, end, at);
                if (all.stream().limit(limit).mapToLong(key -> key.value().length).sum()
                        > maxPageBytes) {
                    throw new EtcdException(EtcdException.Kind.UNAVAILABLE, "no answer", null);
                }
                return new Page(
                        all.subList(0, Math.min(limit, all.size())),
                        keys.revision(),
                        all.size() > limit);
            });
        }

        @Override
        public Watch watch(
                String from, String end, long fromRevision, boolean deletes, Watcher watcher) {
            FakeWatch watch =
                    new FakeWatch(
                            keys,
                            new FakeWatch.Range(from, end, deletes),
                            fromRevision,
                            watcher,
                            this::forget);
            watches.add(watch);
            loop.schedule(replyTime, closed ? this::cutWatches : () -> report(watch));
            return watch;
        }

        private void reportWatches() {
            if (!away) {
                List.copyOf(watches)
                        .forEach(watch -> loop.schedule(replyTime, () -> report(watch)));
            }
        }

        private void report(FakeWatch watch) {
            if (!away && !closed) {
                watch.reportDue();
            }
        }

        private void forget(FakeWatch watch) {
            watches.remove(watch);
        }

        @Override
        public CompletableFuture<Void> freeSpace() {
            return call(() -> {
                compactTo(keys.revision());
                fullOfWaste = false;
                return null;
            });
        }

        @Override
        public CompletableFuture<Void> compact(long before) {
            return call(() -> {
                if (before <= keys.compacted()) {
                    throw new EtcdException(EtcdException.Kind.COMPACTED, "compacted", null);
                }
                if (before > keys.revision()) {
                    throw new EtcdException(EtcdException.Kind.REJECTED, "future revision", null);
                }
                compactTo(before);
                return null;
            });
        }

        @Override
        public CompletableFuture<Long> grantLease(Duration life) {
            return call(() -> leases.grant(life));
        }

        @Override
        public CompletableFuture<Boolean> renewLease(long lease) {
            return call(() -> leases.renewLease(lease));
        }

        @Override
        public CompletableFuture<Void> revokeLease(long lease) {
            return call(() -> {
                leases.end(lease);
                return null;
            });
        }

        @Override
        public void close() {
            closed = true;
            loop.execute(this::cutWatches);
        }
    }
}
