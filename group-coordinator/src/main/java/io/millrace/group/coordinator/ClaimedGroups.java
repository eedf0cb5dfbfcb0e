package io.millrace.group.coordinator;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.Group;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The groups that this node has claimed, each with members of one kind. Owned by the metadata's
 * event loop.
 */
final class ClaimedGroups {

    private static final Logger LOG = Logger.getLogger(ClaimedGroups.class);

    /** The kinds of members, which exclude each other within a group. */
    enum Kind {
        /** The members are assigned partitions by the coordinator. */
        STREAM,
        /** The members assign, as in Kafka's classic protocol. */
        CLASSIC
    }

    private final Metadata metadata;
    private final CoordinatorClaims claims;
    private final BiFunction<Group, Kind, GroupChangeProposer> create;
    private final Map<String, GroupChangeProposer> groups = new TreeMap<>();
    private final Map<String, List<Consumer<Optional<Problem>>>> pending = new TreeMap<>();
    private boolean closing;

    ClaimedGroups(
            Metadata metadata,
            CoordinatorClaims claims,
            BiFunction<Group, Kind, GroupChangeProposer> create) {
        this.metadata = metadata;
        this.claims = claims;
        this.create = create;
    }

    @Nullable GroupChangeProposer get(String group) {
        return groups.get(group);
    }

    Map<String, GroupChangeProposer> byId() {
        return Collections.unmodifiableMap(groups);
    }

    Collection<GroupChangeProposer> all() {
        return Collections.unmodifiableCollection(groups.values());
    }

    boolean isPending(String group) {
        return pending.containsKey(group);
    }

    boolean isClosing() {
        return closing;
    }

    /**
     * Claims a group.
     *
     * @param kind the kind of the group if nothing in the log decides it
     * @param then called with the reason for a failure, or empty once this node coordinates
     */
    void claim(String group, Kind kind, Consumer<Optional<Problem>> then) {
        List<Consumer<Optional<Problem>>> waiting = pending.get(group);
        if (waiting != null) {
            waiting.add(then);
            return;
        }
        List<Consumer<Optional<Problem>>> first = new ArrayList<>();
        first.add(then);
        pending.put(group, first);
        stop(group);
        claims.claim(group)
                .thenAccept(problem -> {
                    List<Consumer<Optional<Problem>>> callers = pending.remove(group);
                    if (problem.isEmpty()) {
                        start(group, kind);
                        if (closing) {
                            release(group);
                        }
                    }
                    if (callers != null) {
                        callers.forEach(caller -> caller.accept(problem));
                    }
                });
    }

    private void start(String group, Kind kind) {
        metadata.groups()
                .group(group)
                .filter(now -> now.coordinator().isPresent())
                .filter(now -> now.coordinator().getAsLong() == metadata.incarnation())
                .ifPresent(now -> {
                    LOG.debugf("coordinates group %s with %d members", group, now.members().size());
                    groups.put(group, create.apply(now, kind));
                });
    }

    /** Changes the kind of a replaceable group. */
    void changeKind(String group, Kind kind) {
        GroupChangeProposer former = groups.remove(group);
        if (former != null) {
            former.stop();
            former.group().end(claims.notCoordinator(group));
        }
        start(group, kind);
    }

    void changed(String group) {
        GroupChangeProposer driver = groups.get(group);
        if (driver != null) {
            if (driver.isCoordinator()) {
                driver.changed();
            } else {
                stop(group);
            }
        }
    }

    /** Stops the groups whose claim was lost with the incarnation of this node. */
    void stopLost() {
        // One incarnation claimed all groups; if closed, all of them are lost.
        if (groups.values().stream().findFirst().filter(any -> !any.isCoordinator()).isPresent()) {
            for (GroupChangeProposer driver : List.copyOf(groups.values())) {
                if (!driver.isCoordinator()) {
                    stop(driver.group().id());
                }
            }
        }
    }

    private void stop(String group) {
        GroupChangeProposer driver = groups.remove(group);
        if (driver != null) {
            driver.stop();
            driver.group().end(claims.notCoordinator(group));
        }
    }

    CompletableFuture<Void> release(String group) {
        GroupChangeProposer driver = groups.get(group);
        if (driver == null) {
            return CompletableFuture.completedFuture(null);
        }
        driver.stop();
        return claims.release(driver.group()).thenAccept(done -> stop(group));
    }

    /** Releases all groups. Completes when the releases are applied or have failed. */
    CompletableFuture<Void> close() {
        closing = true;
        List<CompletableFuture<Void>> released = new ArrayList<>();
        List.copyOf(groups.keySet()).forEach(group -> released.add(release(group)));
        return CompletableFuture.allOf(released.toArray(CompletableFuture[]::new));
    }
}
