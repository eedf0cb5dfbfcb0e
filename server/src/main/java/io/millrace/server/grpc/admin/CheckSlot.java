package io.millrace.server.grpc.admin;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The slot of the only running bucket check. A check whose client has not read for {@link
 * #PATIENCE} is cut off when another check needs the slot. Owned by the metadata's loop.
 */
final class CheckSlot {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EventLoop loop;
    private @Nullable Runnable cutOff;
    private boolean unread;
    private long unreadSinceNanos;

    CheckSlot(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Returns whether the caller has the slot now.
     *
     * @param cutOffHolder ends the caller's check, which then releases the slot
     */
    boolean tryAcquire(Runnable cutOffHolder) {
        Runnable holder = cutOff;
        if (holder == null) {
            cutOff = cutOffHolder;
            unread = false;
            return true;
        }
        if (unread && loop.nanoTime() - unreadSinceNanos >= PATIENCE.toNanos()) {
            unread = false;
            holder.run();
        }
        return false;
    }

    void release() {
        cutOff = null;
    }

    /** Called when the holder's check waits for its client to read. */
    void onUnread() {
        unread = true;
        unreadSinceNanos = loop.nanoTime();
    }

    /** Called when the client has read. */
    void onRead() {
        unread = false;
    }
}
