package io.millrace.server.grpc.flow;

/**
 * Divides a number of bytes among connections as flow-control windows. Every connection has {@link
 * #MIN} bytes, which HTTP/2 does not allow a server to reduce. A quarter of all bytes is reserved
 * to widen the windows of receiving connections in equal shares. Any thread.
 */
public final class ConnectionWindows {

    /** Initial window of every HTTP/2 connection, in bytes. */
    public static final int MIN = 65_535;

    /** Maximum window in bytes, enough for one busy connection. */
    static final int MAX = 1 << 20;

    private final long max;
    private final long wideningBytes;
    private long widened;
    private long usedUp;
    private int connections;
    private long rejected;

    /**
     * @param bytes the sum of all windows in bytes
     */
    public ConnectionWindows(long bytes) {
        this.wideningBytes = bytes / 4;
        this.max = (bytes - wideningBytes) / MIN;
    }

    /** Returns false if there is no room for a window. */
    synchronized boolean tryAdd() {
        if (connections >= max) {
            return false;
        }
        connections++;
        return true;
    }

    /** Counts a refused connection. */
    synchronized void refuse() {
        rejected++;
    }

    synchronized void remove(int window) {
        widened -= window - MIN;
        connections--;
    }

    synchronized int equalShare() {
        return (int) Math.min(MIN + wideningBytes / Math.max(1, connections), MAX);
    }

    /** Reserves up to the given number of bytes and returns the number reserved. */
    synchronized int reserve(int wanted) {
        int got = (int) Math.min(wanted, wideningBytes - widened);
        widened += got;
        return got;
    }

    synchronized void unreserve(int by) {
        widened -= by;
    }

    /**
     * Counts bytes of {@link #MIN} windows that are used up and not granted again. A connection
     * must undo its changes before leaving.
     */
    synchronized void addUsedUp(int more) {
        usedUp += more;
    }

    /** Returns the bytes of all open windows: still to be sent by peers, or unconsumed. */
    synchronized long grantedBytes() {
        return (long) MIN * connections + widened - usedUp;
    }

    public synchronized int connections() {
        return connections;
    }

    public synchronized long rejected() {
        return rejected;
    }
}
