package io.millrace.fetch.zone;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.runtime.retry.Backoff;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Selects the loader of an object. Pure: callers pass the time and the live nodes. Owned by the
 * fetch node's event loop.
 *
 * <p>A failed peer is skipped for a pause that grows with each failure. After the pause, a single
 * read tries the peer.
 */
public final class ZoneLoaderSelector {

    public static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    static final Duration MAX_PAUSE = Duration.ofSeconds(32);

    private static final Backoff PAUSES = Backoff.exact(FIRST_PAUSE, MAX_PAUSE);

    private record Pause(long untilNanos, int failures) {}

    private final Map<String, Pause> pauses = new HashMap<>();

    /** Returns the peer to request an object from; empty if this node should load the object. */
    public Optional<RegisteredNode> peerFor(
            ObjectId object, List<RegisteredNode> members, String self, long nowNanos) {
        Optional<RegisteredNode> own =
                members.stream().filter(registered -> registered.node().equals(self)).findFirst();
        if (own.isEmpty() || members.size() < 2) {
            return Optional.empty();
        }
        List<RegisteredNode> candidates = new ArrayList<>();
        for (RegisteredNode member : members) {
            boolean here =
                    member.zone().equals(own.get().zone()) && member.roles().contains(Role.FETCH);
            if (here && (member == own.get() || !isPaused(member.node(), nowNanos))) {
                candidates.add(member);
            }
        }
        return ZoneLoader.of(object, candidates).filter(loader -> !loader.node().equals(self));
    }

    private boolean isPaused(String node, long nowNanos) {
        Pause pause = pauses.get(node);
        return pause != null && nowNanos - pause.untilNanos() < 0;
    }

    /**
     * Starts a new pause for a failed peer, so that no other read tries the peer at the same time.
     */
    void requestSent(String node, long nowNanos) {
        Pause last = pauses.get(node);
        if (last != null) {
            pauses.put(node, pause(nowNanos, last.failures() + 1));
        }
    }

    /** Records a usable answer, which ends the pauses. */
    void answered(String node) {
        pauses.remove(node);
    }

    /** Records silence or an unusable answer. */
    void failed(String node, long nowNanos) {
        // Long-expired pauses are irrelevant, and removed nodes must not accumulate.
        pauses.values().removeIf(pause -> nowNanos - pause.untilNanos() > MAX_PAUSE.toNanos());
        pauses.computeIfAbsent(node, unknown -> pause(nowNanos, 1));
    }

    private static Pause pause(long nowNanos, int failures) {
        return new Pause(nowNanos + PAUSES.nanosAfter(failures), failures);
    }
}
