package io.millrace.group;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.group.classic.ClassicState;
import io.millrace.metadata.command.Outcome.RowOutcome;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of consumer groups (docs/metrics.md). Any thread. */
public final class GroupMetrics {

    private final AtomicLong consumerGroups;
    private final AtomicLong consumerMembers;
    private final AtomicLong classicMembers;
    private final Map<ClassicState, AtomicLong> classicGroups = new EnumMap<>(ClassicState.class);
    private final Counter rebalances;
    private final Counter changes;
    private final Counter moves;
    private final Counter sessionsExpired;
    private final Counter fenced;
    private final Counter commits;
    private final Counter offsets;
    private final Counter offsetsSuperseded;
    private final Counter offsetsRejected;
    private final Counter commitsFailed;

    public GroupMetrics(MeterRegistry registry) {
        consumerGroups = gauge(registry, "coordinated", "protocol", "consumer");
        Gauge.builder("millrace.group.coordinated", this, GroupMetrics::classicGroups)
                .tag("protocol", "classic")
                .register(registry);
        consumerMembers = gauge(registry, "members", "protocol", "consumer");
        classicMembers = gauge(registry, "members", "protocol", "classic");
        for (ClassicState state : ClassicState.values()) {
            if (state != ClassicState.DEAD) {
                classicGroups.put(
                        state,
                        gauge(registry, "classic", "state", state.name().toLowerCase(Locale.ROOT)));
            }
        }
        rebalances = registry.counter("millrace.group.rebalances");
        changes = registry.counter("millrace.group.changes");
        moves = registry.counter("millrace.group.leases");
        sessionsExpired = registry.counter("millrace.group.sessions.ended", "reason", "silent");
        fenced = registry.counter("millrace.group.sessions.ended", "reason", "not_released");
        commits = registry.counter("millrace.group.commits", "result", "judged");
        commitsFailed = registry.counter("millrace.group.commits", "result", "failed");
        offsets = registry.counter("millrace.group.offsets", "result", "stored");
        offsetsSuperseded = registry.counter("millrace.group.offsets", "result", "superseded");
        offsetsRejected = registry.counter("millrace.group.offsets", "result", "rejected");
    }

    private static AtomicLong gauge(MeterRegistry registry, String name, String tag, String value) {
        AtomicLong shown = new AtomicLong();
        Gauge.builder("millrace.group." + name, () -> shown).tag(tag, value).register(registry);
        return shown;
    }

    private long classicGroups() {
        return classicGroups.values().stream().mapToLong(AtomicLong::get).sum();
    }

    /** Sets the sizes of the groups whose members the coordinator assigns. */
    public void consumerSizes(long groups, long members) {
        consumerGroups.set(groups);
        consumerMembers.set(members);
    }

    /** Sets the sizes of the groups whose members assign. */
    public void classicSizes(Map<ClassicState, Long> groups, long members) {
        classicGroups.forEach((state, shown) -> shown.set(groups.getOrDefault(state, 0L)));
        classicMembers.set(members);
    }

    /** Counts rebalances of classic groups that have begun. */
    public void rebalanced(long begun) {
        rebalances.increment(begun);
    }

    public void changed(int leases) {
        changes.increment();
        moves.increment(leases);
    }

    public void sessionExpired() {
        sessionsExpired.increment();
    }

    public void fenced() {
        fenced.increment();
    }

    public void committed(CommitResult result) {
        switch (result) {
            case CommitResult.Judged(var rows) -> {
                commits.increment();
                for (RowOutcome row : rows) {
                    switch (row) {
                        case RowOutcome.Accepted counts -> offsets.increment();
                        case RowOutcome.Superseded superseded -> offsetsSuperseded.increment();
                        case RowOutcome.Rejected rejected -> offsetsRejected.increment();
                    }
                }
            }
            case CommitResult.Failed failed -> commitsFailed.increment();
        }
    }
}
