package io.millrace.simulation.invariant;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WrongDeaths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Checks that no two members of a group hold the right to a partition at a time. While the leases
 * of a live coordinator last that was declared dead, two may.
 */
public final class ExclusiveRights {

    /** A member that holds rights to partitions for at most a session timeout. */
    public interface Holder {
        boolean mayProcess(PartitionId key);

        Set<PartitionId> processablePartitions();

        Duration sessionTimeout();
    }

    private final WrongDeaths wrongDeaths;
    private final Violations violations;
    private final List<Holder> members = new ArrayList<>();
    private Duration maxSession = Duration.ZERO;

    ExclusiveRights(WrongDeaths wrongDeaths, Violations violations) {
        this.wrongDeaths = wrongDeaths;
        this.violations = violations;
    }

    void add(Holder member) {
        members.add(member);
        if (member.sessionTimeout().compareTo(maxSession) > 0) {
            maxSession = member.sessionTimeout();
        }
    }

    /** Returns whether a node that was wrongly declared dead may have assigned partitions too. */
    boolean mayOverlap() {
        return wrongDeaths.mayHaveLeases(maxSession);
    }

    void check(Holder one) {
        if (mayOverlap()) {
            return;
        }
        for (PartitionId key : one.processablePartitions()) {
            for (Holder other : members) {
                violations.check(
                        other == one || !other.mayProcess(key),
                        "members %s and %s both hold the right to %s",
                        one,
                        other,
                        key);
            }
        }
    }
}
