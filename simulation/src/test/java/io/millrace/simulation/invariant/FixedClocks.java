package io.millrace.simulation.invariant;

/** Clocks of a run that all show the same time. */
final class FixedClocks implements CompactedLogModel.Clocks {

    private long nowMs;

    FixedClocks(long nowMs) {
        this.nowMs = nowMs;
    }

    void advance(long millis) {
        nowMs += millis;
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public long earliest(long trueMs) {
        return trueMs;
    }

    @Override
    public long latest(long trueMs) {
        return trueMs;
    }

    @Override
    public long latestNowMs(long incarnation) {
        return nowMs;
    }
}
