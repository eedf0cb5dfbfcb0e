package io.millrace.fetch;

import io.millrace.fetch.cache.ObjectReader;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.loop.EventLoop;

/** The components that all fetches share, owned by the event loop. */
record ReadPath(
        FetchSettings settings,
        Metadata metadata,
        EventLoop loop,
        ObjectReader reader,
        OffloadedRangeCache offloadedRanges,
        ReadPositions readPositions,
        ReadAhead readAhead,
        LongPollRegistry longPolls,
        ReplyBudget replyBudget,
        BatchDecoding decoding,
        FetchMetrics metrics) {

    /** Returns the same path, with other sources of bytes. */
    ReadPath reading(ObjectReader other, ReadAhead itsReadAhead) {
        return new ReadPath(
                settings,
                metadata,
                loop,
                other,
                offloadedRanges,
                readPositions,
                itsReadAhead,
                longPolls,
                replyBudget,
                decoding,
                metrics);
    }
}
