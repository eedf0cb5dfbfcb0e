package io.millrace.kafka.connection;

/**
 * The received bytes of one connection that count against the limit of the node: bytes of
 * incomplete requests, of requests whose handlers keep them, and of large decoded requests. Owned
 * by the connection's event loop.
 */
final class ReceivedBytes {

    private final InboundBytes.Account account;
    private final ConnectionMetrics metrics;
    private int keptBytes;
    private int countedBytes;
    private boolean closed;

    ReceivedBytes(InboundBytes.Account account, ConnectionMetrics metrics) {
        this.account = account;
        this.metrics = metrics;
    }

    /** Returns the bytes of requests that handlers keep. */
    int keptBytes() {
        return keptBytes;
    }

    /** Adds a request for its handler. */
    void keep(int bytes) {
        keptBytes += bytes;
    }

    /** Removes a request that is no longer used. */
    void release(int bytes) {
        keptBytes -= bytes;
        if (closed) {
            releaseAccount();
        }
    }

    /**
     * Counts the bytes.
     *
     * @param bufferedBytes the bytes that no handler has received
     */
    void count(int bufferedBytes) {
        int more = keptBytes + bufferedBytes - countedBytes;
        countedBytes += more;
        metrics.buffered(more);
        if (more > 0) {
            account.add(more);
        } else if (more < 0) {
            account.release(-more);
        }
    }

    /** Returns whether the connection should be read. */
    boolean mayRead() {
        return account.mayRead();
    }

    /** Ends the count once the handlers have released their requests. */
    void close() {
        closed = true;
        releaseAccount();
    }

    private void releaseAccount() {
        count(0);
        if (keptBytes == 0) {
            account.close();
        }
    }
}
