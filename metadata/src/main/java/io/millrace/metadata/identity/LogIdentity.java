package io.millrace.metadata.identity;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The place of a cluster's identity beside its metadata log. Called by one thread at a time, before
 * the log is opened. Futures fail with a {@link io.millrace.metadata.log.LogException}.
 */
public interface LogIdentity {

    /**
     * The identity and the state of the log.
     *
     * @param logIsEmpty whether no entry was ever appended
     */
    record Held(Optional<ClusterId> id, boolean logIsEmpty) {}

    CompletableFuture<Held> read();

    /** Stores an identity durably, unless one exists. */
    CompletableFuture<Void> putIfAbsent(ClusterId id);
}
