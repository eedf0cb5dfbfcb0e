package io.millrace.server.node;

import io.millrace.server.settings.ServerSettings;

/** The memory of a node, divided among roles and connections. */
record NodeMemory(long heapBytes, long directBytes, ServerSettings.Memory percents) {

    /**
     * Shares of direct memory, in percent; the rest is for allocator overhead, the bucket and HTTP.
     */
    private static final int INBOUND_PERCENT = 32;

    private static final int WINDOWS_PERCENT = 28;
    private static final int OUTBOUND_PERCENT = 20;

    /** Four times the heap of an idle call. */
    private static final int HEAP_BYTES_PER_CALL = 32 << 10;

    private static final long MIN_REPLY_BYTES = 8 << 20;
    private static final long MAX_REPLY_BYTES = 1 << 30;

    long ingestBytes() {
        return heapBytes * percents.ingestPercent() / 100;
    }

    long hotCacheBytes() {
        return heapBytes * percents.hotCachePercent() / 100;
    }

    long coldCacheBytes() {
        return heapBytes * percents.coldCachePercent() / 100;
    }

    long mergeBytes() {
        return heapBytes * percents.mergePercent() / 100;
    }

    /** For partly received requests. */
    long inboundBytes() {
        return directBytes * INBOUND_PERCENT / 100;
    }

    /** For flow-control windows of connections. */
    long windowBytes() {
        return directBytes * WINDOWS_PERCENT / 100;
    }

    int maxCalls() {
        return (int) Math.min(Integer.MAX_VALUE, heapBytes / HEAP_BYTES_PER_CALL);
    }

    /**
     * For replies that are being assembled. They hold cached chunks whole, so that they take
     * several times their size.
     */
    long replyBytes() {
        return Math.clamp(heapBytes / 16, MIN_REPLY_BYTES, MAX_REPLY_BYTES);
    }

    /** For unread responses. */
    long outboundBytes() {
        return directBytes * OUTBOUND_PERCENT / 100;
    }
}
