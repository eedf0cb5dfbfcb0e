package io.millrace.ingest.block;

import java.time.Duration;

/**
 * The recent rate of incoming bytes, as an exponentially decaying sum. Pure; the time that the
 * caller passes must not decrease.
 */
public final class ArrivalRate {

    private final double memoryNanos;
    private double rememberedBytes;
    private long asOfNanos;

    /**
     * @param memory the time constant, after which the weight of a byte is about a third
     */
    public ArrivalRate(Duration memory) {
        this.memoryNanos = memory.toNanos();
    }

    public void add(long bytes, long nowNanos) {
        decayUntil(nowNanos);
        rememberedBytes += bytes;
    }

    /** Returns the expected number of bytes within this time at the current rate. */
    public long bytesWithin(long nanos, long nowNanos) {
        decayUntil(nowNanos);
        return (long) (rememberedBytes * nanos / memoryNanos);
    }

    private void decayUntil(long nowNanos) {
        rememberedBytes *= Math.exp((asOfNanos - nowNanos) / memoryNanos);
        asOfNanos = nowNanos;
    }
}
