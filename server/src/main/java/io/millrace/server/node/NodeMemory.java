package io.millrace.server.node;

import io.millrace.server.settings.ServerSettings;

/**
 * The memory of a node, as its roles and its connections divide it.
 *
 * @param heapBytes the heap's limit
 * @param directBytes the direct memory for requests and responses
 * @param percents the parts of the heap
 */
record NodeMemory(long heapBytes, long directBytes, ServerSettings.Memory percents) {

    /** Parts of direct memory; the rest is for its own rounding, the bucket and HTTP. */
    private static final int INBOUND_PERCENT = 32;

    private static final int WINDOWS_PERCENT = 28;
    private static final int OUTBOUND_PERCENT = 20;

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

    /** Direct memory for requests that arrive. */
    long inboundBytes() {
        return directBytes * INBOUND_PERCENT / 100;
    }

    /** Direct memory for the flow-control windows of connections. */
    long windowBytes() {
        return directBytes * WINDOWS_PERCENT / 100;
    }

    /** Direct memory for responses that their readers have not taken. */
    long outboundBytes() {
        return directBytes * OUTBOUND_PERCENT / 100;
    }
}
