package io.millrace.server.grpc;

/**
 * Shares a number of bytes among connections as their flow-control windows, so that what all peers
 * may send before anybody takes it stays within bounds. Every connection has {@link #LEAST} bytes,
 * which HTTP/2 does not let a server take away. A quarter of all bytes is set apart to widen the
 * windows of connections that receive: much for each while they are few, and never what a newcomer
 * needs. Safe to use from any thread.
 */
final class ConnectionWindows {

    /** Bytes of the window with which every HTTP/2 connection begins. */
    static final int LEAST = 65_535;

    /** Bytes of the largest window: enough for one busy connection. */
    static final int MOST = 1 << 20;

    private final long most;
    private final long wideningBytes;
    private long widened;
    private int connections;
    private long refused;

    /**
     * @param bytes of all windows together
     */
    ConnectionWindows(long bytes) {
        this.wideningBytes = bytes / 4;
        this.most = (bytes - wideningBytes) / LEAST;
    }

    /** Counts a connection in, or refuses it: then there is no room for its window. */
    synchronized boolean admit() {
        if (connections >= most) {
            refused++;
            return false;
        }
        connections++;
        return true;
    }

    /** Counts a connection out whose window was so large. */
    synchronized void leave(int window) {
        widened -= window - LEAST;
        connections--;
    }

    /** The window that a connection should have now: an equal share. */
    synchronized int share() {
        return (int) Math.min(LEAST + wideningBytes / Math.max(1, connections), MOST);
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

    /** Bytes of all windows that are open. */
    synchronized long granted() {
        return (long) LEAST * connections + widened;
    }

    /** Connections that are open. */
    synchronized int connections() {
        return connections;
    }

    /** Connections that were refused. */
    synchronized long refused() {
        return refused;
    }
}
