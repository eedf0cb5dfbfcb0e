package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.group.classic.ClassicState;
import io.millrace.metadata.Metadata;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Claims groups that have members but no coordinator, and releases groups without members after a
 * timeout. Owned by the metadata's event loop.
 */
final class GroupMaintenance {

    /** Longer than a restart of all members. */
    static final Duration EMPTY_TIMEOUT = Duration.ofMinutes(5);

    static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Metadata metadata;
    private final CoordinatorClaims claims;
    private final Map<String, GroupChangeProposer> groups;
    private final GroupMetrics metrics;
    private final Consumer<String> claim;
    private final Consumer<String> release;
    private final Map<String, Long> emptySinceNanos = new TreeMap<>();
    private long checkedNanos;

    GroupMaintenance(
            Metadata metadata,
            CoordinatorClaims claims,
            Map<String, GroupChangeProposer> groups,
            GroupMetrics metrics,
            Consumer<String> claim,
            Consumer<String> release) {
        this.metadata = metadata;
        this.claims = claims;
        this.groups = groups;
        this.metrics = metrics;
        this.claim = claim;
        this.release = release;
    }

    void start(long nowNanos) {
        checkedNanos = nowNanos;
    }

    void advance(long nowNanos) {
        if (nowNanos - checkedNanos >= INTERVAL.toNanos()) {
            checkedNanos = nowNanos;
            adoptOrphans();
            releaseEmpty(nowNanos);
            showSizes();
        }
    }

    private void showSizes() {
        Map<ClassicState, Long> classic = new EnumMap<>(ClassicState.class);
        long classicMembers = 0;
        long consumer = 0;
        long consumerMembers = 0;
        for (GroupChangeProposer driver : groups.values()) {
            switch (driver.group()) {
                case ClassicCoordinatedGroup group -> {
                    classic.merge(group.members().state(), 1L, Long::sum);
                    classicMembers += group.memberCount();
                }
                case CoordinatedGroup group -> {
                    consumer++;
                    consumerMembers += group.memberCount();
                }
            }
        }
        metrics.classicSizes(classic, classicMembers);
        metrics.consumerSizes(consumer, consumerMembers);
    }

    private void adoptOrphans() {
        for (String id : metadata.groups().ids()) {
            metadata.groups()
                    .group(id)
                    .filter(group -> !groups.containsKey(group.id()))
                    .filter(claims::isOrphanForThisNode)
                    .ifPresent(group -> claim.accept(group.id()));
        }
    }

    private void releaseEmpty(long nowNanos) {
        emptySinceNanos.keySet().retainAll(groups.keySet());
        for (GroupChangeProposer driver : List.copyOf(groups.values())) {
            String group = driver.group().id();
            if (!driver.isIdle()) {
                emptySinceNanos.remove(group);
            } else if (nowNanos - emptySinceNanos.computeIfAbsent(group, any -> nowNanos)
                    >= EMPTY_TIMEOUT.toNanos()) {
                release.accept(group);
            }
        }
    }
}
