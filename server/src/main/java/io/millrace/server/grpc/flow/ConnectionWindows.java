package io.millrace.server.grpc.flow;

/**
 * Shares a number of bytes among connections as their flow-control windows, so that what all peers
 * may send before anybody takes it stays within bounds. Every connection has {@link #MIN} bytes,
 * which HTTP/2 does not let a server take away. A quarter of all bytes is set apart to widen the
 * windows of connections that receive: much for each while they are few, and never what a newcomer
 * needs. Safe to use from any thread.
 */
public final class ConnectionWindows {

    /** Bytes of the window with which every HTTP/2 connection begins. */
    public static final int MIN = 65_535;

    /** Bytes of the largest window: enough for one busy connection. */
    static final int MAX = 1 << 20;

    private final long max;
    private final long wideningBytes;
    private long widened;
    private long usedUp;
    private int connections;
    private long rejected;

    /**
     * @param bytes of all windows together
     */
    public ConnectionWindows(long bytes) {
        this.wideningBytes = bytes / 4;
        this.max = (bytes - wideningBytes) / MIN;
    }

    /** Counts a connection in, or refuses it: then there is no room for its window. */
    synchronized boolean admit() {
        if (connections >= max) {
            rejected++;
            return false;
        }
        connections++;
        return true;
    }

    /** Counts a connection out whose window was so large. */
    synchronized void leave(int window) {
        widened -= window - MIN;
        connections--;
    }

    /** The window that a connection should have now: an equal share. */
    synchronized int share() {
        return (int) Math.min(MIN + wideningBytes / Math.max(1, connections), MAX);
    }

    /** Takes up to so many bytes more for a window, and says how many it got. */
    synchronized int grow(int wanted) {
        int got = (int) Math.min(wanted, wideningBytes - widened);
        widened += got;
        return got;
    }

    /** Gives bytes back that a window no longer spans. */
    synchronized void shrink(int by) {
        widened -= by;
    }

    /**
     * Notes that of the {@link #MIN} bytes of a window so many more, or fewer, are used up and not
     * given anew for now. Whoever leaves gives back what it noted.
     */
    synchronized void useUp(int more) {
        usedUp += more;
    }

    /** Bytes of all windows that are open: what peers may send, and what nobody has taken. */
    synchronized long granted() {
        return (long) MIN * connections + widened - usedUp;
    }

    /** Connections that are open. */
    public synchronized int connections() {
        return connections;
    }

    /** Connections that were refused. */
    public synchronized long rejected() {
        return rejected;
    }
}
