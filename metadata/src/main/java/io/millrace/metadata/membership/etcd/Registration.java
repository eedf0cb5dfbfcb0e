package io.millrace.metadata.membership.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this node registered: a key under a lease that it keeps alive. When the lease is gone it
 * takes a new one. A key of its id that another process put is waited for: a process that died
 * leaves it for as long as its lease lasts. Owned by its loop.
 */
final class Registration {

    private static final int TRIES_IN_A_LIFE = 4;

    private final EventLoop loop;
    private final Etcd etcd;
    private final NodeKeys keys;
    private final Duration life;
    private final Supplier<RegisteredNode> self;
    private final CompletableFuture<Void> registered = new CompletableFuture<>();
    private final CompletableFuture<Problem> ousted = new CompletableFuture<>();
    private final Set<Long> incarnations = new HashSet<>();
    private OptionalLong lease = OptionalLong.empty();
    private byte @Nullable [] written;
    private long modRevision;
    private long occupiedSinceNanos;
    private long liveUntilNanos;
    private boolean occupied;
    private boolean closed;

    /**
     * @param life how long a node counts as live after it was heard of last
     * @param self as it is to stand in etcd now
     */
    Registration(
            EventLoop loop,
            Etcd etcd,
            NodeKeys keys,
            Duration life,
            Supplier<RegisteredNode> self) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = keys;
        this.life = life;
        this.self = self;
    }

    /**
     * Begins.
     *
     * @return completes when the key is there; fails with a {@link ProblemException} if another
     *     live process has this node's id
     */
    CompletableFuture<Void> open() {
        tick();
        return registered;
    }

    /** Completes when another process has taken this node's id. */
    CompletableFuture<Problem> ousted() {
        return ousted;
    }

    /** The lease of the key, if the key is there for sure: the lease cannot be over. */
    OptionalLong lease() {
        boolean sure = !closed && written != null && loop.nanoTime() - liveUntilNanos < 0;
        return sure ? lease : OptionalLong.empty();
    }

    private void tick() {
        if (closed || ousted.isDone() || registered.isCompletedExceptionally()) {
            return;
        }
        step().whenComplete((done, failure) ->
                loop.schedule(life.dividedBy(TRIES_IN_A_LIFE), this::tick));
    }

    /** One call after the other, until there is nothing to do; what fails is tried at the next. */
    private CompletableFuture<Void> step() {
        // The lease lasts from some time after this on.
        long askedNanos = loop.nanoTime();
        if (lease.isEmpty()) {
            return etcd.grantLease(life)
                    .thenCompose(granted -> {
                        lease = OptionalLong.of(granted);
                        liveUntilNanos = askedNanos + life.toNanos();
                        return closed ? etcd.revokeLease(granted) : put();
                    });
        }
        return etcd.keepLease(lease.getAsLong())
                .thenCompose(there -> {
                    if (there) {
                        liveUntilNanos = askedNanos + life.toNanos();
                        return put();
                    }
                    lease = OptionalLong.empty();
                    written = null;
                    return closed ? done() : step();
                });
    }

    private CompletableFuture<Void> put() {
        RegisteredNode member = self.get();
        byte[] value = NodeKeys.encode(member);
        if (closed || Arrays.equals(value, written)) {
            return done();
        }
        incarnations.add(member.incarnation());
        String key = keys.of(member.node());
        Etcd.Condition condition =
                written == null
                        ? new Etcd.Condition.Absent(key)
                        : new Etcd.Condition.UnchangedSince(key, modRevision);
        return txn(key, value, condition)
                .thenCompose(result -> {
                    if (result.succeeded()) {
                        return done();
                    }
                    Optional<Etcd.KeyValue> there = result.gets().getFirst();
                    if (there.isEmpty()) {
                        written = null;
                        return put();
                    }
                    return occupied(key, value, member, there.get());
                });
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Etcd.TxnResult> txn(
            String key, byte[] value, Etcd.Condition condition) {
        return etcd.txn(
                        List.of(condition),
                        List.of(new Etcd.Op.Put(key, value, lease)),
                        List.of(new Etcd.Op.Get(key)))
                .thenApply(result -> {
                    if (result.succeeded()) {
                        written = value;
                        modRevision = result.revision();
                        occupied = false;
                        registered.complete(null);
                    }
                    return result;
                });
    }

    private CompletableFuture<Void> occupied(
            String key, byte[] value, RegisteredNode member, Etcd.KeyValue there) {
        Optional<RegisteredNode> other = keys.decode(there);
        boolean mine = other.isEmpty() || incarnations.contains(other.get().incarnation());
        // Once this process has its key, another at its address is not its predecessor.
        boolean predecessors =
                !mine
                        && !registered.isDone()
                        && other.get().host().equals(member.host())
                        && other.get().port() == member.port();
        if (mine || predecessors) {
            return txn(key, value, new Etcd.Condition.UnchangedSince(key, there.modRevision()))
                    .thenAccept(result -> {});
        }
        Problem problem =
                new Problem(
                        Reason.METADATA_UNAVAILABLE,
                        "Another node, at %s:%d, has the id \"%s\": give each its own --node-id."
                                .formatted(other.get().host(), other.get().port(), member.node()));
        if (registered.isDone()) {
            ousted.complete(problem);
        } else if (!occupied) {
            occupied = true;
            occupiedSinceNanos = loop.nanoTime();
        } else if (loop.nanoTime() - occupiedSinceNanos > 2 * life.toNanos()) {
            registered.completeExceptionally(new ProblemException(problem));
        }
        return done();
    }

    /** Takes the key away; completes in any case. */
    CompletableFuture<Void> close() {
        closed = true;
        if (lease.isEmpty()) {
            return done();
        }
        return etcd.revokeLease(lease.getAsLong()).exceptionally(away -> null);
    }
}
