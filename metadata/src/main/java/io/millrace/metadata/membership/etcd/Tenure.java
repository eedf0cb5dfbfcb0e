package io.millrace.metadata.membership.etcd;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Whether this node may still speak for what it claimed through the log: nobody can have taken it
 * for dead, by its own clock. When its lease ended and it has a new one, somebody may have, and it
 * does not speak before it has heard what the log says of that. Owned by the metadata's loop.
 */
public final class Tenure {

    private final EtcdMembership membership;
    private final Supplier<CompletableFuture<Void>> barrier;
    private OptionalLong receivedUnder = OptionalLong.empty();
    private boolean asking;

    /**
     * @param membership on the metadata's loop
     * @param barrier completes on the loop when all is applied that was in the log before
     */
    public Tenure(EtcdMembership membership, Supplier<CompletableFuture<Void>> barrier) {
        this.membership = membership;
        this.barrier = barrier;
    }

    /** Whether it may. Asked often, for it is by being asked that it finds out. */
    public boolean lasts() {
        OptionalLong lease = membership.lease();
        if (lease.isPresent() && !lease.equals(receivedUnder) && !asking) {
            asking = true;
            var unused =
                    barrier.get()
                            .whenComplete((reached, failure) -> {
                                asking = false;
                                if (failure == null) {
                                    receivedUnder = lease;
                                }
                            });
        }
        return lease.isPresent() && lease.equals(receivedUnder);
    }
}
