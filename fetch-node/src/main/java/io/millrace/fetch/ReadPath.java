package io.millrace.fetch;

import io.millrace.metadata.Metadata;
import io.millrace.runtime.loop.Loop;

/** What all fetches of a node share. Everything in it is owned by the loop. */
record ReadPath(
        FetchSettings settings,
        Metadata metadata,
        Loop loop,
        ObjectReader reader,
        Shelves shelves,
        Continuations continuations,
        ReadAhead readAhead,
        Waiters waiters,
        ReplyBudget replyBudget,
        FetchMetrics metrics) {}
