package io.millrace.server.grpc.call;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Numbers connections and streams, so that the ingest node can keep the order of batches that came
 * on one of them. No number is given twice by a process.
 */
public final class ConnectionIds extends ServerTransportFilter {

    private static final Attributes.Key<Long> ID = Attributes.Key.create("millrace-connection");

    private final AtomicLong last = new AtomicLong();

    /** A number for a stream. */
    public long next() {
        return last.incrementAndGet();
    }

    /** The number of the call's connection. */
    public static long of(ServerCall<?, ?> call) {
        @Nullable Long id = call.getAttributes().get(ID);
        return id == null ? 0 : id;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(ID, next()).build();
    }
}
