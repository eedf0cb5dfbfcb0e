package io.millrace.server.grpc.call;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Assigns ids to connections and streams, unique in a process. The ingest node preserves the order
 * of batches with equal ids.
 */
public final class ConnectionIds extends ServerTransportFilter {

    private static final Attributes.Key<Long> ID = Attributes.Key.create("millrace-connection");

    private final AtomicLong last = new AtomicLong();

    public long next() {
        return last.incrementAndGet();
    }

    /** Returns 0 for an unknown connection. */
    public static long of(ServerCall<?, ?> call) {
        @Nullable Long id = call.getAttributes().get(ID);
        return id == null ? 0 : id;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(ID, next()).build();
    }
}
