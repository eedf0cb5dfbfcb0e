package io.millrace.metadata.membership.etcd;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Tracks whether this node may act on its claims in the log, because no other node can have
 * declared it dead. This node's clock guarantees that while the lease is unchanged. After a new
 * lease, the node first applies the log up to a barrier. Owned by the metadata's event loop.
 */
public final class LeaseTenure {

    private final EtcdMembership membership;
    private final Supplier<CompletableFuture<Void>> barrier;
    private OptionalLong confirmedLease = OptionalLong.empty();
    private boolean barrierPending;

    /**
     * @param barrier completes on the event loop when all entries are applied that were in the log
     *     at the call
     */
    public LeaseTenure(EtcdMembership membership, Supplier<CompletableFuture<Void>> barrier) {
        this.membership = membership;
        this.barrier = barrier;
    }

    /**
     * Returns whether this node may act on its claims. Starts the barrier after a new lease, so
     * must be called often.
     */
    public boolean isConfirmed() {
        OptionalLong lease = membership.lease();
        if (lease.isPresent() && !lease.equals(confirmedLease) && !barrierPending) {
            barrierPending = true;
            var unused =
                    barrier.get()
                            .whenComplete((reached, failure) -> {
                                barrierPending = false;
                                if (failure == null) {
                                    confirmedLease = lease;
                                }
                            });
        }
        return lease.isPresent() && lease.equals(confirmedLease);
    }
}
