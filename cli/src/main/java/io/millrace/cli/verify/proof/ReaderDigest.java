package io.millrace.cli.verify.proof;

import org.jspecify.annotations.Nullable;

/**
 * The digest of a reader's records since the last span boundary. Methods return the violation, or
 * null. Not thread-safe.
 */
final class ReaderDigest {

    private final ReaderConsistency consistency;
    private long from;
    private long digest;

    ReaderDigest(ReaderConsistency agreement, long from) {
        this.consistency = agreement;
        this.from = from;
    }

    @Nullable Violation add(long offset, long timestampMs, long hash) {
        digest += digest(offset, timestampMs, hash);
        return consistency.isBoundary(offset + 1) ? compare(offset + 1) : null;
    }

    /** Compares one record with what other readers found at the offset. */
    @Nullable Violation compareRecord(long offset, long timestampMs, long hash) {
        return consistency.compareRecord(offset, digest(offset, timestampMs, hash));
    }

    void restart(long offset) {
        from = offset;
        digest = 0;
    }

    @Nullable Violation compare(long next) {
        Violation wrong = consistency.compare(from, next, digest);
        restart(next);
        return wrong;
    }

    private static long digest(long offset, long timestampMs, long hash) {
        return mix(mix(mix(offset) + timestampMs) + hash);
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
