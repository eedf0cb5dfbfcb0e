package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.EtcdException;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs the begin of an outage of etcd, with cause and remedy, and its end. Owned by the log's event
 * loop.
 */
final class EtcdOutage {

    private static final Logger LOG = Logger.getLogger(EtcdOutage.class);

    /** Shorter outages are not logged, such as a restarted member. */
    private static final Duration MIN_REPORTED_OUTAGE = Duration.ofSeconds(1);

    private final EventLoop loop;
    private EtcdException.@Nullable Kind reported;
    private boolean failing;
    private boolean noSpace;
    private long sinceNanos;

    EtcdOutage(EventLoop loop) {
        this.loop = loop;
    }

    void callFailed(RuntimeException why) {
        EtcdException.Kind kind =
                why instanceof EtcdException etcd ? etcd.kind() : EtcdException.Kind.UNAVAILABLE;
        if (kind == EtcdException.Kind.COMPACTED) {
            return;
        }
        noSpace = kind == EtcdException.Kind.NO_SPACE;
        if (!failing) {
            failing = true;
            sinceNanos = loop.nanoTime();
        }
        boolean mayPass =
                kind == EtcdException.Kind.UNAVAILABLE
                        && loop.nanoTime() - sinceNanos < MIN_REPORTED_OUTAGE.toNanos();
        if (kind != reported && !mayPass) {
            reported = kind;
            LOG.warnf("%s: %s", describe(kind), why.getMessage());
        }
    }

    boolean hasNoSpace() {
        return noSpace;
    }

    private static String describe(EtcdException.Kind kind) {
        return switch (kind) {
            case UNAVAILABLE, COMPACTED -> "etcd does not answer; calls are retried until it does";
            case NO_SPACE ->
                    "etcd's space quota is used up, so metadata cannot be written; this node makes etcd"
                            + " release free space. If that is not enough, raise the quota or"
                            + " delete keys of other applications";
            case DENIED ->
                    "etcd rejects this node's user, password or certificate; correct the"
                            + " configuration of etcd or of this node";
            case REJECTED ->
                    "etcd rejects this node's requests; check that its version is 3.4 or newer";
        };
    }

    void callSucceeded() {
        failing = false;
        noSpace = false;
        if (reported != null) {
            reported = null;
            LOG.infof(
                    "etcd answers again, after %d ms",
                    Duration.ofNanos(loop.nanoTime() - sinceNanos).toMillis());
        }
    }
}
