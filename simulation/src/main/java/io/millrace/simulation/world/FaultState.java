package io.millrace.simulation.world;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The current faults. A rate is a fraction of the calls and holds for the whole run; an outage
 * holds until a time.
 */
public final class FaultState {

    double etcdLostRequest;
    double etcdLostReply;
    double etcdLateRequest;
    double watchSkips;
    double watchRepeats;
    double watchFailsAtOnce;
    double watchFallsSilent;
    double bucketFails;
    double bucketFailsAfterEffect;
    double bucketFailsBeforeEffect;
    double bucketSlow;
    double uploadBreaks;
    double deletePartial;
    double deleteStuck;
    double messageLost;
    double chunkDamaged;
    Duration bucketUsualDelay = Duration.ofMillis(20);

    /** The number of requests that deleted some objects and not others. */
    public long incompleteDeletes;

    public long etcdUnavailableUntil;
    public long bucketUnavailableUntil;
    public long bucketRejectsUntil;
    public long mergesStoppedUntil;
    public final long[] watchesHeldUntil;
    public final long[] requestsCutUntil;
    public final long[] requestsSlowUntil;
    public final long[] repliesCutUntil;
    public final long[] clientsCutUntil;
    public final long[] peersCutUntil;

    /**
     * @param random chooses the rates above zero, because permanent faults hide each other
     */
    FaultState(RandomGenerator random, int nodes) {
        etcdLostRequest = randomRate(random, 0.03);
        etcdLostReply = randomRate(random, 0.05);
        etcdLateRequest = randomRate(random, 0.03);
        watchSkips = randomRate(random, 0.01);
        watchRepeats = randomRate(random, 0.05);
        watchFailsAtOnce = randomRate(random, 0.3);
        watchFallsSilent = randomRate(random, 0.1);
        bucketFails = randomRate(random, 0.2);
        bucketFailsAfterEffect = randomRate(random, 0.1);
        bucketFailsBeforeEffect = randomRate(random, 0.05);
        bucketSlow = randomRate(random, 0.05);
        uploadBreaks = randomRate(random, 0.1);
        deletePartial = randomRate(random, 1);
        deleteStuck = randomRate(random, 0.2);
        messageLost = randomRate(random, 0.01);
        chunkDamaged = randomRate(random, 0.1);
        bucketUsualDelay = Duration.ofMillis(1 + random.nextInt(60));
        watchesHeldUntil = new long[nodes];
        requestsCutUntil = new long[nodes];
        requestsSlowUntil = new long[nodes];
        repliesCutUntil = new long[nodes];
        clientsCutUntil = new long[nodes];
        peersCutUntil = new long[nodes];
    }

    private static double randomRate(RandomGenerator random, double max) {
        return random.nextBoolean() ? random.nextDouble() * max : 0;
    }

    public void clear(long now) {
        etcdLostRequest = 0;
        etcdLostReply = 0;
        etcdLateRequest = 0;
        watchSkips = 0;
        watchRepeats = 0;
        watchFailsAtOnce = 0;
        watchFallsSilent = 0;
        bucketFails = 0;
        bucketFailsAfterEffect = 0;
        bucketFailsBeforeEffect = 0;
        bucketSlow = 0;
        uploadBreaks = 0;
        // Most objects are deleted at the end.
        deletePartial = Math.min(deletePartial, 0.3);
        deleteStuck = 0;
        messageLost = 0;
        chunkDamaged = 0;
        etcdUnavailableUntil = Math.min(etcdUnavailableUntil, now);
        bucketUnavailableUntil = Math.min(bucketUnavailableUntil, now);
        bucketRejectsUntil = Math.min(bucketRejectsUntil, now);
        mergesStoppedUntil = Math.min(mergesStoppedUntil, now);
        for (int node = 0; node < requestsCutUntil.length; node++) {
            watchesHeldUntil[node] = Math.min(watchesHeldUntil[node], now);
            requestsCutUntil[node] = Math.min(requestsCutUntil[node], now);
            requestsSlowUntil[node] = Math.min(requestsSlowUntil[node], now);
            repliesCutUntil[node] = Math.min(repliesCutUntil[node], now);
            clientsCutUntil[node] = Math.min(clientsCutUntil[node], now);
            peersCutUntil[node] = Math.min(peersCutUntil[node], now);
        }
    }

    /** Returns a delay near the usual delay and sometimes a multiple. */
    static Duration delay(RandomGenerator random, Duration usual) {
        double factor = 0.2 + random.nextDouble();
        if (random.nextInt(20) == 0) {
            factor *= 1 + 8 * random.nextDouble();
        }
        return Duration.ofNanos((long) (usual.toNanos() * factor));
    }

    public static Duration between(RandomGenerator random, int minMillis, int maxMillis) {
        return Duration.ofNanos(
                1_000_000L * minMillis + random.nextLong(1_000_000L * (maxMillis - minMillis) + 1));
    }
}
