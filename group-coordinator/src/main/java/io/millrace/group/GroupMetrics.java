package io.millrace.group;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.command.Outcome.RowOutcome;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of consumer groups (docs/metrics.md). Any thread. */
public final class GroupMetrics {

    private final AtomicLong groups = new AtomicLong();
    private final AtomicLong members = new AtomicLong();
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
        Gauge.builder("millrace.group.coordinated", groups, AtomicLong::get).register(registry);
        Gauge.builder("millrace.group.members", members, AtomicLong::get).register(registry);
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

    public void setSizes(long groupsNow, long membersNow) {
        groups.set(groupsNow);
        members.set(membersNow);
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
