package io.millrace.fetch;

import io.millrace.fetch.cache.ObjectReader;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.loop.EventLoop;

/** What all fetches of a node share. Everything in it is owned by the loop. */
record ReadPath(
        FetchSettings settings,
        Metadata metadata,
        EventLoop loop,
        ObjectReader reader,
        OffloadedRangeCache offloadedRanges,
        ReadPositions continuations,
        ReadAhead readAhead,
        LongPollRegistry waiters,
        ReplyBudget replyBudget,
        FetchMetrics metrics) {}
