package io.millrace.ingest.block;

import java.time.Duration;

/**
 * How many bytes come in, as of late: each counts the less the longer ago it came. Pure; time comes
 * from whoever asks, and never goes back. One owner at a time.
 */
public final class ArrivalRate {

    private final double memoryNanos;
    private double rememberedBytes;
    private long asOfNanos;

    /**
     * @param memory after so long a byte counts for about a third
     */
    public ArrivalRate(Duration memory) {
        this.memoryNanos = memory.toNanos();
    }

    /** Bytes came. */
    public void add(long bytes, long nowNanos) {
        forgetUntil(nowNanos);
        rememberedBytes += bytes;
    }

    /** The bytes to be expected within so long, if they come as they did. */
    public long bytesWithin(long nanos, long nowNanos) {
        forgetUntil(nowNanos);
        return (long) (rememberedBytes * nanos / memoryNanos);
    }

    private void forgetUntil(long nowNanos) {
        rememberedBytes *= Math.exp((asOfNanos - nowNanos) / memoryNanos);
        asOfNanos = nowNanos;
    }
}
