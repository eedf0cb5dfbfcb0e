package io.millrace.metadata.etcd;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The leases of a {@link FakeEtcd}, which expire by the event loop's clock. One thread. */
final class FakeLeases {

    private static final class Lease {
        final Duration life;
        final Set<String> keys = new TreeSet<>();
        long endNanos;

        Lease(Duration life) {
            this.life = life;
        }
    }

    /** A receiver of the keys of expired leases. */
    interface Listener {
        void expired(Set<String> keys);
    }

    private final EventLoop loop;
    private final Listener listener;
    private final Map<Long, Lease> leases = new TreeMap<>();
    private long last;

    FakeLeases(EventLoop loop, Listener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    long grant(Duration life) {
        Lease lease = new Lease(life);
        leases.put(++last, lease);
        renew(lease);
        return last;
    }

    private void renew(Lease lease) {
        lease.endNanos = loop.nanoTime() + lease.life.toNanos();
        loop.schedule(lease.life, this::endDue);
    }

    /** Renews a lease; returns whether it exists. */
    boolean renewLease(long id) {
        endDue();
        Lease lease = leases.get(id);
        if (lease == null) {
            return false;
        }
        renew(lease);
        return true;
    }

    boolean isThere(long id) {
        return leases.containsKey(id);
    }

    /** Detaches a key from its lease. */
    void detach(String key) {
        leases.values().forEach(lease -> lease.keys.remove(key));
    }

    boolean isAttached(String key) {
        return leases.values().stream().anyMatch(lease -> lease.keys.contains(key));
    }

    /** Attaches a key to an existing lease. */
    void attach(long id, String key) {
        Lease lease = leases.get(id);
        if (lease != null) {
            lease.keys.add(key);
        }
    }

    void endDue() {
        for (long id : List.copyOf(leases.keySet())) {
            Lease lease = leases.get(id);
            if (lease != null && lease.endNanos <= loop.nanoTime()) {
                end(id);
            }
        }
    }

    void end(long id) {
        Lease ended = leases.remove(id);
        if (ended != null && !ended.keys.isEmpty()) {
            listener.expired(ended.keys);
        }
    }
}
