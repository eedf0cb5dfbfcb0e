package io.millrace.client;

import org.jspecify.annotations.Nullable;

/** Where a reader stands in one partition. Owner: the I/O thread, but for the epoch. */
final class Cursor {

    final TopicPartition partition;

    /** Raised by every seek, so that what was fetched before it is recognised. */
    volatile int epoch;

    /** Where to begin, until that is looked up. */
    @Nullable StartAt start;

    long nextOffset = -1;

    /** Its error was handed to the caller: only a seek goes on. */
    boolean stopped;

    Cursor(TopicPartition partition, StartAt start) {
        this.partition = partition;
        begin(start);
    }

    void begin(StartAt at) {
        stopped = false;
        if (at instanceof StartAt.Offset(long offset)) {
            nextOffset = offset;
            start = null;
        } else {
            start = at;
        }
    }
}
