package io.millrace.server.grpc.flow;

/**
 * Divides a number of bytes among connections as flow-control windows. The sum limits the bytes
 * that peers can send before any are consumed. Every connection has {@link #MIN} bytes, which
 * HTTP/2 does not allow a server to reduce. A quarter of all bytes is reserved to widen the windows
 * of receiving connections in equal shares; new connections never depend on that quarter. Safe to
 * use from any thread.
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

    /** Registers a connection. Returns false if there is no room for a window. */
    synchronized boolean tryAdd() {
        if (connections >= max) {
            rejected++;
            return false;
        }
        connections++;
        return true;
    }

    /** Removes a connection that had a window of the given size. */
    synchronized void remove(int window) {
        widened -= window - MIN;
        connections--;
    }

    /** Returns the target window of a connection: an equal share. */
    synchronized int equalShare() {
        return (int) Math.min(MIN + wideningBytes / Math.max(1, connections), MAX);
    }

    /** Reserves up to the given number of bytes for a window. Returns the number reserved. */
    synchronized int reserve(int wanted) {
        int got = (int) Math.min(wanted, wideningBytes - widened);
        widened += got;
        return got;
    }

    /** Returns reserved bytes that a window no longer spans. */
    synchronized void unreserve(int by) {
        widened -= by;
    }

    /**
     * Changes the number of bytes of {@link #MIN} windows that are used up and not granted again
     * for now. A connection must undo its changes before leaving.
     */
    synchronized void addUsedUp(int more) {
        usedUp += more;
    }

    /**
     * Returns the bytes of all open windows: the bytes that peers can still send, and unconsumed
     * bytes.
     */
    synchronized long grantedBytes() {
        return (long) MIN * connections + widened - usedUp;
    }

    /** Returns the number of open connections. */
    public synchronized int connections() {
        return connections;
    }

    /** Returns the number of refused connections. */
    public synchronized long rejected() {
        return rejected;
    }
}
