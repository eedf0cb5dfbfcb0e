package io.millrace.kafka.fetch;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The open fetch sessions, limited in number and in partitions. At a limit, sessions without
 * requests for {@link #MIN_IDLE} make room, the longest unused first. If there are none, clients
 * have no session and name all their partitions in each request. Owned by the fetch node's event
 * loop.
 */
final class FetchSessions {

    static final Duration MIN_IDLE = Duration.ofMinutes(2);

    private final int maxSessions;
    private final int maxPartitions;
    private final PartitionWatch watch;
    private final LongSupplier nanoTime;
    private final IntSupplier random;
    private final KafkaFetchMetrics metrics;

    /** By id, the longest unused first. */
    private final Map<Integer, FetchSession> byId = new LinkedHashMap<>(16, 0.75f, true);

    private int partitions;

    /**
     * @param maxPartitions the maximum number of partitions of all sessions
     * @param random a source of ids that clients cannot guess
     */
    FetchSessions(
            int maxSessions,
            int maxPartitions,
            PartitionWatch watch,
            LongSupplier nanoTime,
            IntSupplier random,
            KafkaFetchMetrics metrics) {
        this.maxSessions = maxSessions;
        this.maxPartitions = maxPartitions;
        this.watch = watch;
        this.nanoTime = nanoTime;
        this.random = random;
        this.metrics = metrics;
    }

    /** Opens a session without partitions; without an id if there is no room. */
    FetchSession open(String owner, boolean withTopicIds, int expectedPartitions) {
        if (expectedPartitions > maxPartitions) {
            return withoutRoom(owner, withTopicIds);
        }
        while (byId.size() >= maxSessions || !hasRoom(expectedPartitions)) {
            if (!evict()) {
                return withoutRoom(owner, withTopicIds);
            }
        }
        FetchSession session = new FetchSession(newId(), owner, withTopicIds, watch);
        session.usedNanos = nanoTime.getAsLong();
        byId.put(session.id(), session);
        metrics.sizes(byId.size(), partitions);
        return session;
    }

    private FetchSession withoutRoom(String owner, boolean withTopicIds) {
        metrics.refused();
        return temporary(owner, withTopicIds);
    }

    /** Returns a session for one request. */
    FetchSession temporary(String owner, boolean withTopicIds) {
        return new FetchSession(FetchSession.NO_ID, owner, withTopicIds, watch);
    }

    private int newId() {
        int id = random.getAsInt() & Integer.MAX_VALUE;
        while (id == FetchSession.NO_ID || byId.containsKey(id)) {
            id = random.getAsInt() & Integer.MAX_VALUE;
        }
        return id;
    }

    private boolean evict() {
        Iterator<FetchSession> longestUnused = byId.values().iterator();
        while (longestUnused.hasNext()) {
            FetchSession session = longestUnused.next();
            if (nanoTime.getAsLong() - session.usedNanos < MIN_IDLE.toNanos()) {
                return false;
            }
            if (!session.isBusy()) {
                longestUnused.remove();
                forget(session);
                metrics.evicted();
                return true;
            }
        }
        return false;
    }

    /** Returns the session of an owner, which counts as used. */
    Optional<FetchSession> find(int id, String owner) {
        FetchSession session = byId.get(id);
        if (session == null || !session.owner().equals(owner)) {
            return Optional.empty();
        }
        session.usedNanos = nanoTime.getAsLong();
        return Optional.of(session);
    }

    /** Returns whether sessions may receive this number of further partitions. */
    boolean hasRoom(int added) {
        return added <= maxPartitions - partitions;
    }

    /** Counts partitions that a session has received or lost. */
    void resized(FetchSession session, int sizeBefore) {
        if (session.id() != FetchSession.NO_ID) {
            partitions += session.size() - sizeBefore;
            metrics.sizes(byId.size(), partitions);
        }
    }

    void close(FetchSession session) {
        if (byId.remove(session.id(), session)) {
            forget(session);
        } else {
            session.close();
        }
    }

    private void forget(FetchSession session) {
        partitions -= session.size();
        metrics.sizes(byId.size(), partitions);
        session.close();
    }

    int size() {
        return byId.size();
    }

    int partitions() {
        return partitions;
    }
}
