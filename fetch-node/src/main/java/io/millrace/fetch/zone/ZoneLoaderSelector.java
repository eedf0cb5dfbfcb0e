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
 * Who loads an object for a zone, and which peers are passed over for a while. Pure: it is given
 * the time, and asks nobody. Owned by the fetch node's loop.
 *
 * <p>The loader is the one that {@link ZoneLoader} names. A peer that failed is passed over in
 * favour of the next in the order, for longer each time: when the pause is over, one read tries it
 * again while the others go on passing it over.
 */
public final class ZoneLoaderSelector {

    public static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(32);

    private static final Backoff PAUSES = Backoff.exact(FIRST_PAUSE, LONGEST_PAUSE);

    private record Pause(long untilNanos, int failures) {}

    private final Map<String, Pause> pauses = new HashMap<>();

    /**
     * The peer to ask for a part of the object.
     *
     * @param members the live nodes of the cluster
     * @param self this node's id
     * @return empty if this node should load it itself
     */
    public Optional<RegisteredNode> peerFor(
            ObjectId object, List<RegisteredNode> members, String self, long nowNanos) {
        Optional<RegisteredNode> own =
                members.stream().filter(one -> one.node().equals(self)).findFirst();
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

    /** This peer is being asked: if it failed before, nobody else tries it for now. */
    void asked(String node, long nowNanos) {
        Pause last = pauses.get(node);
        if (last != null) {
            pauses.put(node, pause(nowNanos, last.failures() + 1));
        }
    }

    /** This peer gave what it was asked for. */
    void answered(String node) {
        pauses.remove(node);
    }

    /** This peer was silent, or its answer was of no use. */
    void failed(String node, long nowNanos) {
        // What failed long ago says nothing any more, and nodes that are gone are not kept.
        pauses.values().removeIf(pause -> nowNanos - pause.untilNanos() > LONGEST_PAUSE.toNanos());
        pauses.computeIfAbsent(node, unknown -> pause(nowNanos, 1));
    }

    private static Pause pause(long nowNanos, int failures) {
        return new Pause(nowNanos + PAUSES.nanosAfter(failures), failures);
    }
}
