package io.millrace.metadata.membership.etcd;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Tracks whether this node may still act on its claims in the log, that is, whether no other node
 * can have declared it dead. Under the lease that the claims were read with, this node's clock
 * guarantees that. After a new lease, another node may have declared this node dead, so the node
 * first applies the log up to a barrier. Owned by the metadata's event loop.
 */
public final class LeaseTenure {

    private final EtcdMembership membership;
    private final Supplier<CompletableFuture<Void>> barrier;
    private OptionalLong confirmedLease = OptionalLong.empty();
    private boolean barrierPending;

    /**
     * @param membership the membership on the metadata's event loop
     * @param barrier completes on the event loop when all entries are applied that were in the log
     *     at the call
     */
    public LeaseTenure(EtcdMembership membership, Supplier<CompletableFuture<Void>> barrier) {
        this.membership = membership;
        this.barrier = barrier;
    }

    /**
     * Returns whether this node may act on its claims. Must be called often, because the call
     * starts the barrier after a new lease.
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
