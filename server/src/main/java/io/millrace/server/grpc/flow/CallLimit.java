package io.millrace.server.grpc.flow;

import java.util.HashMap;
import java.util.Map;

/**
 * A limit of open calls. A peer opens a call while it has fewer open calls than remain free: one
 * peer gets at most half of the limit, two peers a third each, and there is room for further peers.
 * Any thread.
 */
public final class CallLimit {

    private final int max;
    private final Map<Object, Integer> byPeer = new HashMap<>();
    private int open;
    private long rejected;

    public CallLimit(int max) {
        this.max = max;
    }

    synchronized boolean tryAdd(Object peer) {
        if (byPeer.getOrDefault(peer, 0) >= max - open) {
            rejected++;
            return false;
        }
        byPeer.merge(peer, 1, Integer::sum);
        open++;
        return true;
    }

    synchronized void remove(Object peer) {
        byPeer.computeIfPresent(peer, (key, calls) -> calls == 1 ? null : calls - 1);
        open--;
    }

    public synchronized long rejected() {
        return rejected;
    }
}
