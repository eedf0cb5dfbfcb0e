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
 * Keeps this node registered under a key with a lease, and takes a new lease after expiry. If
 * another process has the key, this node waits, because a dead process's key lasts until its lease
 * expires. Owned by its event loop.
 */
final class Registration {

    private static final int ATTEMPTS_PER_LEASE = 4;

    /**
     * The interval at which changed properties are detected. Well below a second, after which the
     * leader closes an incarnation that coordinates groups and is not registered.
     */
    private static final Duration CHANGE_CHECK = Duration.ofMillis(200);

    private final EventLoop loop;
    private final Etcd etcd;
    private final NodeKeys keys;
    private final Duration life;
    private final Supplier<RegisteredNode> self;
    private final CompletableFuture<Void> registered = new CompletableFuture<>();
    private final CompletableFuture<Problem> idTakenOver = new CompletableFuture<>();
    private final Set<Long> incarnations = new HashSet<>();
    private OptionalLong lease = OptionalLong.empty();
    private byte @Nullable [] writtenValue;
    private long modRevision;
    private long occupiedSinceNanos;
    private long liveUntilNanos;
    private boolean occupied;
    private boolean closed;

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

    CompletableFuture<Void> open() {
        tick();
        return registered;
    }

    CompletableFuture<Problem> idTakenOver() {
        return idTakenOver;
    }

    /** Returns the lease if it cannot have expired and the key exists. */
    OptionalLong lease() {
        boolean sure = !closed && writtenValue != null && loop.nanoTime() - liveUntilNanos < 0;
        return sure ? lease : OptionalLong.empty();
    }

    private void tick() {
        if (closed || idTakenOver.isDone() || registered.isCompletedExceptionally()) {
            return;
        }
        CompletableFuture<Void> step = CompletableFuture.failedFuture(new IllegalStateException());
        try {
            step = step();
        } finally {
            var unused =
                    step.whenComplete((done, failure) ->
                            await(loop.nanoTime() + life.dividedBy(ATTEMPTS_PER_LEASE).toNanos()));
        }
    }

    /** Waits for the next renewal, or until the written properties are out of date. */
    private void await(long renewalNanos) {
        Duration left = Duration.ofNanos(renewalNanos - loop.nanoTime());
        if (left.compareTo(CHANGE_CHECK) <= 0) {
            loop.schedule(left, this::tick);
            return;
        }
        loop.schedule(
                CHANGE_CHECK,
                () -> {
                    if (!closed
                            && writtenValue != null
                            && !Arrays.equals(NodeKeys.encode(self.get()), writtenValue)) {
                        tick();
                    } else {
                        await(renewalNanos);
                    }
                });
    }

    /** Writes changed properties at once, if this node is registered. Never fails. */
    CompletableFuture<Void> refresh() {
        return writtenValue == null ? done() : put().exceptionally(retriedAtTheNextTick -> null);
    }

    /** Makes calls until the registration is current. A failed call is retried at the next tick. */
    private CompletableFuture<Void> step() {
        // The lease starts at or after this time.
        long askedNanos = loop.nanoTime();
        if (lease.isEmpty()) {
            return etcd.grantLease(life)
                    .thenCompose(granted -> {
                        lease = OptionalLong.of(granted);
                        liveUntilNanos = askedNanos + life.toNanos();
                        return closed ? etcd.revokeLease(granted) : put();
                    });
        }
        return etcd.renewLease(lease.getAsLong())
                .thenCompose(there -> {
                    if (there) {
                        liveUntilNanos = askedNanos + life.toNanos();
                        return put();
                    }
                    lease = OptionalLong.empty();
                    writtenValue = null;
                    return closed ? done() : step();
                });
    }

    private CompletableFuture<Void> put() {
        RegisteredNode member = self.get();
        byte[] value = NodeKeys.encode(member);
        if (closed || Arrays.equals(value, writtenValue)) {
            return done();
        }
        incarnations.add(member.incarnation());
        String key = keys.keyOf(member.node());
        Etcd.Condition condition =
                writtenValue == null
                        ? new Etcd.Condition.Absent(key)
                        : new Etcd.Condition.UnchangedSince(key, modRevision);
        return txn(key, value, condition)
                .thenCompose(result -> {
                    if (result.succeeded()) {
                        return done();
                    }
                    Optional<Etcd.KeyValue> there = result.gets().getFirst();
                    if (there.isEmpty()) {
                        writtenValue = null;
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
                        writtenValue = value;
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
        // Once this process has its key, another process at its address is not its predecessor.
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
                        "Another node, at %s:%d, has the id \"%s\": give each node its own --node-id."
                                .formatted(other.get().host(), other.get().port(), member.node()));
        if (registered.isDone()) {
            idTakenOver.complete(problem);
        } else if (!occupied) {
            occupied = true;
            occupiedSinceNanos = loop.nanoTime();
        } else if (loop.nanoTime() - occupiedSinceNanos > 2 * life.toNanos()) {
            registered.completeExceptionally(new ProblemException(problem));
        }
        return done();
    }

    /** Deletes the key; never fails. */
    CompletableFuture<Void> close() {
        closed = true;
        if (lease.isEmpty()) {
            return done();
        }
        return etcd.revokeLease(lease.getAsLong()).exceptionally(away -> null);
    }
}
