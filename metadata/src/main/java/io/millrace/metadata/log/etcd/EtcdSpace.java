package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.Backoff;
import io.millrace.runtime.retry.BackoffSequence;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Frees space in etcd, with pauses, while its quota is used up. Runs on any node, because a leader
 * cannot be elected without space. Owned by the log's event loop.
 */
final class EtcdSpace {

    private static final Logger LOG = Logger.getLogger(EtcdSpace.class);

    /** Jittered, so that usually a single node frees the space. */
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(4);

    private static final Duration MAX_PAUSE = Duration.ofMinutes(5);

    private final EventLoop loop;
    private final Etcd etcd;
    private final BackoffSequence pauses;
    private boolean scheduled;

    EtcdSpace(EventLoop loop, Etcd etcd, RandomGenerator random) {
        this.loop = loop;
        this.etcd = etcd;
        this.pauses = Backoff.jittered(FIRST_PAUSE, MAX_PAUSE, random).sequence();
    }

    /** Schedules an attempt if etcd has no space. Called often. */
    void check(EtcdOutage outage) {
        if (!outage.hasNoSpace()) {
            pauses.reset();
        } else if (!scheduled) {
            scheduled = true;
            loop.schedule(pauses.nextPause(), () -> freeSpace(outage));
        }
    }

    private void freeSpace(EtcdOutage outage) {
        if (!outage.hasNoSpace()) {
            scheduled = false;
            return;
        }
        etcd.freeSpace()
                .whenComplete((done, failure) -> {
                    scheduled = false;
                    if (failure == null) {
                        LOG.info("etcd released the free space of its databases");
                    } else {
                        LOG.warnf(
                                "etcd could not release free space: %s",
                                LogFailures.causeOf(failure).getMessage());
                    }
                });
    }
}
