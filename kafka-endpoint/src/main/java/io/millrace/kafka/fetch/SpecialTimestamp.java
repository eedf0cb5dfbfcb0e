package io.millrace.kafka.fetch;

import io.millrace.metadata.offset.OffsetLookup.LookupPosition;

/** The negative timestamps of ListOffsets, and the versions that have them. Pure. */
final class SpecialTimestamp {

    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;

    private static final short FIRST_WITH_MAX_TIMESTAMP = 7;
    private static final short FIRST_WITH_LOCAL = 8;
    private static final short FIRST_WITH_TIERED = 9;
    private static final short FIRST_WITH_PENDING_UPLOAD = 11;

    private SpecialTimestamp() {}

    /** The meaning of a timestamp. */
    sealed interface Target {

        record At(LookupPosition position) implements Target {}

        /** An offset that exists only in tiered storage. */
        record Nothing() implements Target {}

        /** A timestamp that the version does not have. */
        record Unsupported() implements Target {}
    }

    static Target targetOf(long timestamp, short version) {
        if (timestamp >= 0) {
            return new Target.At(new LookupPosition.Time(timestamp));
        }
        if (timestamp == LATEST) {
            return new Target.At(new LookupPosition.Latest());
        }
        if (timestamp == EARLIEST || (timestamp == EARLIEST_LOCAL && version >= FIRST_WITH_LOCAL)) {
            return new Target.At(new LookupPosition.Earliest());
        }
        if (timestamp == MAX_TIMESTAMP && version >= FIRST_WITH_MAX_TIMESTAMP) {
            return new Target.At(new LookupPosition.MaxTimestamp());
        }
        if ((timestamp == LATEST_TIERED && version >= FIRST_WITH_TIERED)
                || (timestamp == EARLIEST_PENDING_UPLOAD && version >= FIRST_WITH_PENDING_UPLOAD)) {
            return new Target.Nothing();
        }
        return new Target.Unsupported();
    }
}
