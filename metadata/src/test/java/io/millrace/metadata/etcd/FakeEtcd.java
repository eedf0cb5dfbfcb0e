package io.millrace.metadata.etcd;

import io.millrace.storage.loop.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An etcd in memory, for any number of clients on one simulated loop: revisions, history that can
 * be compacted, watches, leases that end by the loop's clock. Each client can be cut off, lose
 * replies or be slow. One thread.
 */
public final class FakeEtcd {

    private record Change(long revision, String key, Etcd.@Nullable KeyValue now) {}

    private final Loop loop;
    private final TreeMap<String, Etcd.KeyValue> keys = new TreeMap<>();
    private final List<Change> history = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Map<Long, Long> leaseEndNanos = new HashMap<>();
    private final Map<Long, Duration> leaseLife = new HashMap<>();
    private final Map<Long, Set<String>> leaseKeys = new HashMap<>();
    private long revision = 1;
    private long compacted;
    private long nextLease = 1;
    private long transactions;
    private boolean full;
    private boolean fullOfWaste;

    public FakeEtcd(Loop loop) {
        this.loop = loop;
    }

    /** A client of this etcd. */
    public Client client() {
        Client client = new Client();
        clients.add(client);
        return client;
    }

    /** How many transactions were run so far. */
    public long transactions() {
        return transactions;
    }

    /** The keys that are there now. */
    public List<String> keys() {
        return List.copyOf(keys.keySet());
    }

    /** What a key has now; empty if it is not there. */
    public byte[] value(String key) {
        Etcd.@Nullable KeyValue there = keys.get(key);
        return there == null ? new byte[0] : there.value();
    }

    /** Whether puts are refused, as when the space quota is used up. */
    public void setFull(boolean now) {
        full = now;
    }

    /** Has puts refused until room is made. */
    public void fillWithWaste() {
        fullOfWaste = true;
    }

    /** Forgets the history before this revision, as another client's compaction would. */
    public void compactTo(long before) {
        compacted = Math.max(compacted, Math.min(before, revision));
        Set<String> newer = new HashSet<>();
        List<Change> kept = new ArrayList<>();
        for (Change change : history.reversed()) {
            // The state at the compaction stays readable, as in etcd.
            if (change.revision() > compacted || newer.add(change.key())) {
                kept.addFirst(change);
            }
        }
        history.clear();
        history.addAll(kept);
    }

    /** The newest revision. */
    public long revision() {
        return revision;
    }

    /** As if other clients had changed other keys so often. */
    public void passRevisions(long changes) {
        revision += changes;
    }

    private void endLeases() {
        for (long lease : List.copyOf(leaseEndNanos.keySet())) {
            if (leaseEndNanos.getOrDefault(lease, Long.MAX_VALUE) <= loop.nanoTime()) {
                endLease(lease);
            }
        }
    }

    private void endLease(long lease) {
        leaseEndNanos.remove(lease);
        leaseLife.remove(lease);
        Set<String> gone = leaseKeys.remove(lease);
        if (gone != null && !gone.isEmpty()) {
            revision++;
            gone.forEach(this::delete);
            tell();
        }
    }

    private void put(Etcd.Op.Put put) {
        Etcd.@Nullable KeyValue before = keys.get(put.key());
        Etcd.KeyValue now =
                new Etcd.KeyValue(
                        put.key(),
                        put.value().clone(),
                        before == null ? revision : before.createRevision(),
                        revision,
                        before == null ? 1 : before.version() + 1);
        keys.put(put.key(), now);
        history.add(new Change(revision, put.key(), now));
        leaseKeys.values().forEach(keysOfLease -> keysOfLease.remove(put.key()));
        put.lease()
                .ifPresent(lease ->
                        leaseKeys.computeIfAbsent(lease, l -> new TreeSet<>()).add(put.key()));
    }

    private void delete(String key) {
        if (keys.remove(key) != null) {
            leaseKeys.values().forEach(keysOfLease -> keysOfLease.remove(key));
            history.add(new Change(revision, key, null));
        }
    }

    /** The keys there are from the first to before the end; none if that is not behind it. */
    private NavigableMap<String, Etcd.KeyValue> between(String from, String end) {
        return from.compareTo(end) < 0
                ? keys.subMap(from, true, end, false)
                : Collections.emptyNavigableMap();
    }

    private boolean holds(Etcd.Condition condition) {
        return switch (condition) {
            case Etcd.Condition.ValueIs is ->
                    keys.containsKey(is.key())
                            && Arrays.equals(keys.get(is.key()).value(), is.value());
            case Etcd.Condition.ValueAbove above ->
                    keys.containsKey(above.key())
                            && Arrays.compareUnsigned(keys.get(above.key()).value(), above.value())
                                    > 0;
            case Etcd.Condition.Absent absent -> !keys.containsKey(absent.key());
            case Etcd.Condition.UnchangedSince since ->
                    (keys.containsKey(since.key()) ? keys.get(since.key()).modRevision() : 0)
                            == since.modRevision();
        };
    }

    private Etcd.TxnResult run(
            List<Etcd.Condition> conditions, List<Etcd.Op> then, List<Etcd.Op> otherwise) {
        endLeases();
        transactions++;
        boolean succeeded = conditions.stream().allMatch(this::holds);
        List<Etcd.Op> ops = succeeded ? then : otherwise;
        refuseTwoChangesOfOneKey(then);
        refuseTwoChangesOfOneKey(otherwise);
        boolean changes = ops.stream().anyMatch(this::changes);
        if ((full || fullOfWaste) && ops.stream().anyMatch(op -> op instanceof Etcd.Op.Put)) {
            throw new EtcdException(EtcdException.Kind.NO_SPACE, "no space", null);
        }
        for (Etcd.Op op : ops) {
            if (op instanceof Etcd.Op.Put put
                    && put.lease().isPresent()
                    && !leaseEndNanos.containsKey(put.lease().getAsLong())) {
                throw new EtcdException(EtcdException.Kind.REFUSED, "lease not found", null);
            }
        }
        if (changes) {
            revision++;
        }
        List<Optional<Etcd.KeyValue>> gets = new ArrayList<>();
        for (Etcd.Op op : ops) {
            switch (op) {
                case Etcd.Op.Put put -> put(put);
                case Etcd.Op.Get get -> gets.add(Optional.ofNullable(keys.get(get.key())));
                case Etcd.Op.Delete delete ->
                        List.copyOf(between(delete.from(), delete.end()).keySet())
                                .forEach(this::delete);
            }
        }
        if (changes) {
            tell();
        }
        return new Etcd.TxnResult(succeeded, revision, gets);
    }

    private boolean changes(Etcd.Op op) {
        return switch (op) {
            case Etcd.Op.Put put -> true;
            case Etcd.Op.Get get -> false;
            case Etcd.Op.Delete delete -> !between(delete.from(), delete.end()).isEmpty();
        };
    }

    private static void refuseTwoChangesOfOneKey(List<Etcd.Op> ops) {
        Set<String> put = new HashSet<>();
        for (Etcd.Op op : ops) {
            if (op instanceof Etcd.Op.Put one && !put.add(one.key())) {
                throw new EtcdException(EtcdException.Kind.REFUSED, "duplicate key", null);
            }
        }
        for (Etcd.Op op : ops) {
            if (op instanceof Etcd.Op.Delete range
                    && put.stream()
                            .anyMatch(key ->
                                    key.compareTo(range.from()) >= 0
                                            && key.compareTo(range.end()) < 0)) {
                throw new EtcdException(EtcdException.Kind.REFUSED, "duplicate key", null);
            }
        }
    }

    private void tell() {
        clients.forEach(Client::tellWatches);
    }

    /** One process's way to this etcd. */
    public final class Client implements Etcd {

        private final List<Watching> watches = new ArrayList<>();
        private final ArrayDeque<Boolean> lostReplies = new ArrayDeque<>();
        private Duration requestTime = Duration.ZERO;
        private Duration replyTime = Duration.ZERO;
        private boolean away;
        private boolean closed;

        /** How long a request and its reply are on their way from now on. */
        public void delays(Duration request, Duration reply) {
            requestTime = request;
            replyTime = reply;
        }

        /** While it is away, calls fail without effect and watches are silent. */
        public void setAway(boolean now) {
            away = now;
            if (!now) {
                tellWatches();
            }
        }

        /** Of the next calls, those that are marked take effect but their reply is lost. */
        public void loseReplies(boolean... lost) {
            for (boolean one : lost) {
                lostReplies.add(one);
            }
        }

        /** Ends all watches of this client with an error. */
        public void cutWatches() {
            List<Watching> cut = List.copyOf(watches);
            watches.clear();
            cut.forEach(watch ->
                    watch.fail(new EtcdException(EtcdException.Kind.AWAY, "watch was cut", null)));
        }

        /** No open watch of this client hears anything more, not even that it is over. */
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
                                            EtcdException.Kind.AWAY, "etcd is away", null));
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
                                                            EtcdException.Kind.AWAY,
                                                            "the reply was lost",
                                                            null));
                                        } else {
                                            result.complete(value);
                                        }
                                    });
                        } catch (EtcdException refused) {
                            result.completeExceptionally(refused);
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
                endLeases();
                if (at != 0 && at < compacted) {
                    throw new EtcdException(EtcdException.Kind.COMPACTED, "compacted", null);
                }
                if (at > revision) {
                    throw new EtcdException(EtcdException.Kind.REFUSED, "future revision", null);
                }
                List<KeyValue> all =
                        at == 0 || at == revision
                                ? List.copyOf(between(from, end).values())
                                : past(from, end, at);
                return new Page(
                        all.subList(0, Math.min(limit, all.size())), revision, all.size() > limit);
            });
        }

        private List<KeyValue> past(String from, String end, long at) {
            TreeMap<String, KeyValue> then = new TreeMap<>(between(from, end));
            for (Change change : history.reversed()) {
                if (change.revision() > at
                        && change.key().compareTo(from) >= 0
                        && change.key().compareTo(end) < 0) {
                    then.remove(change.key());
                }
            }
            for (Change change : history) {
                if (change.revision() <= at
                        && change.key().compareTo(from) >= 0
                        && change.key().compareTo(end) < 0) {
                    if (change.now() == null) {
                        then.remove(change.key());
                    } else {
                        then.put(change.key(), change.now());
                    }
                }
            }
            return List.copyOf(then.values());
        }

        @Override
        public Watch watch(
                String from, String end, long fromRevision, boolean deletes, Watcher watcher) {
            Watching watch = new Watching(this, from, end, fromRevision, deletes, watcher);
            watches.add(watch);
            loop.schedule(replyTime, closed ? this::cutWatches : watch::tellDue);
            return watch;
        }

        private void tellWatches() {
            if (!away) {
                List.copyOf(watches).forEach(watch -> loop.schedule(replyTime, watch::tellDue));
            }
        }

        @Override
        public CompletableFuture<Void> makeRoom() {
            return call(() -> {
                compactTo(revision);
                fullOfWaste = false;
                return null;
            });
        }

        @Override
        public CompletableFuture<Void> compact(long before) {
            return call(() -> {
                if (before <= compacted) {
                    throw new EtcdException(EtcdException.Kind.COMPACTED, "compacted", null);
                }
                if (before > revision) {
                    throw new EtcdException(EtcdException.Kind.REFUSED, "future revision", null);
                }
                compactTo(before);
                return null;
            });
        }

        @Override
        public CompletableFuture<Long> grantLease(Duration life) {
            return call(() -> {
                long lease = nextLease++;
                leaseLife.put(lease, life);
                leaseEndNanos.put(lease, loop.nanoTime() + life.toNanos());
                loop.schedule(life, FakeEtcd.this::endLeases);
                return lease;
            });
        }

        @Override
        public CompletableFuture<Boolean> keepLease(long lease) {
            return call(() -> {
                endLeases();
                @Nullable Duration life = leaseLife.get(lease);
                if (life == null) {
                    return false;
                }
                leaseEndNanos.put(lease, loop.nanoTime() + life.toNanos());
                loop.schedule(life, FakeEtcd.this::endLeases);
                return true;
            });
        }

        @Override
        public CompletableFuture<Void> revokeLease(long lease) {
            return call(() -> {
                endLease(lease);
                return null;
            });
        }

        @Override
        public void close() {
            closed = true;
            loop.execute(this::cutWatches);
        }
    }

    private final class Watching implements Etcd.Watch {

        private final Client client;
        private final String from;
        private final String end;
        private final boolean deletes;
        private final Etcd.Watcher watcher;
        private long next;
        private boolean open = true;

        Watching(
                Client client,
                String from,
                String end,
                long next,
                boolean deletes,
                Etcd.Watcher watcher) {
            this.client = client;
            this.from = from;
            this.end = end;
            this.next = next;
            this.deletes = deletes;
            this.watcher = watcher;
        }

        void tellDue() {
            if (!open || client.away || client.closed) {
                return;
            }
            if (next < compacted) {
                client.watches.remove(this);
                fail(new EtcdException(EtcdException.Kind.COMPACTED, "compacted", null));
                return;
            }
            long upTo = revision;
            for (Change change : List.copyOf(history)) {
                boolean due =
                        change.revision() >= next
                                && change.revision() <= upTo
                                && change.key().compareTo(from) >= 0
                                && change.key().compareTo(end) < 0;
                if (due && open) {
                    if (change.now() != null) {
                        watcher.put(change.now());
                    } else if (deletes) {
                        watcher.deleted(change.key(), change.revision());
                    }
                }
            }
            next = Math.max(next, upTo + 1);
        }

        void fail(EtcdException why) {
            if (open) {
                open = false;
                watcher.failed(why);
            }
        }

        @Override
        public void close() {
            open = false;
            client.watches.remove(this);
        }
    }
}
