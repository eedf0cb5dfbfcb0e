package io.millrace.server.grpc.call;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Assigns ids to connections and streams. The ingest node preserves the order of batches with equal
 * ids. Ids are unique in a process.
 */
public final class ConnectionIds extends ServerTransportFilter {

    private static final Attributes.Key<Long> ID = Attributes.Key.create("millrace-connection");

    private final AtomicLong last = new AtomicLong();

    /** Returns an id for a stream. */
    public long next() {
        return last.incrementAndGet();
    }

    /** Returns the id of the call's connection. */
    public static long of(ServerCall<?, ?> call) {
        @Nullable Long id = call.getAttributes().get(ID);
        return id == null ? 0 : id;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(ID, next()).build();
    }
}
