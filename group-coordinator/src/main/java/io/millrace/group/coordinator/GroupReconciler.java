package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes the change towards the target that is possible now: members join and leave, and each
 * partition that is not in use moves. The only side effect is on {@link MemberState#joining}.
 */
final class GroupReconciler {

    /**
     * The limits keep a change far below the maximum size of an entry; the next change has the
     * remainder.
     */
    private static final int MAX_LEASES = 5_000;

    private static final int MAX_LEAVING = 2_000;
    private static final int MAX_DETAILS_BYTES = 256 << 10;

    private final SortedMap<String, MemberState> memberStates;
    private final List<String> left = new ArrayList<>();
    private final List<GroupMember> joined = new ArrayList<>();
    private final List<LeaseChange> leases = new ArrayList<>();
    private final Set<String> leaving = new HashSet<>();
    private final Set<String> members = new HashSet<>();
    private int joinedBytes;

    private GroupReconciler(SortedMap<String, MemberState> participants) {
        this.memberStates = participants;
    }

    /** Marks admitted members as joining. */
    static Optional<GroupChange> of(
            String protocol,
            Supplier<ByteString> details,
            SortedMap<String, MemberState> participants,
            PartitionLeases leases,
            Map<PartitionId, String> target) {
        GroupReconciler due = new GroupReconciler(participants);
        due.addMembers();
        due.addLeases(leases, target);
        return due.left.isEmpty() && due.joined.isEmpty() && due.leases.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new GroupChange(protocol, details.get(), due.left, due.joined, due.leases));
    }

    private void addMembers() {
        Map<String, MemberState> before = new HashMap<>();
        for (MemberState member : memberStates.values()) {
            if (member.leaving && member.admitted && !member.instanceId.isEmpty()) {
                before.put(member.instanceId, member);
            }
        }
        Set<String> waiting = new HashSet<>();
        for (MemberState member : memberStates.values()) {
            if (member.leaving) {
                continue;
            }
            MemberState predecessor = before.get(member.instanceId);
            if (member.admitted && !member.detailsDiffer || join(member, predecessor)) {
                members.add(member.id);
            } else if (predecessor != null) {
                waiting.add(predecessor.id);
            }
        }
        for (MemberState member : memberStates.values()) {
            if (member.leaving
                    && member.admitted
                    && !leaving.contains(member.id)
                    && !waiting.contains(member.id)) {
                boolean unused = leave(member);
            }
        }
    }

    /**
     * An instance id has one member at a time: a successor is admitted only if the change also has
     * room for the removal of the predecessor.
     */
    private boolean join(MemberState memberState, @Nullable MemberState predecessor) {
        GroupMember member = memberState.member();
        int bytes = 64 + member.detailsBytes();
        if (!joined.isEmpty() && joinedBytes + bytes > MAX_DETAILS_BYTES) {
            return false;
        }
        if (predecessor != null && !leave(predecessor)) {
            return false;
        }
        joinedBytes += bytes;
        joined.add(member);
        memberState.joining = true;
        return true;
    }

    private boolean leave(MemberState member) {
        if (left.size() == MAX_LEAVING) {
            return false;
        }
        left.add(member.id);
        leaving.add(member.id);
        return true;
    }

    private void addLeases(PartitionLeases now, Map<PartitionId, String> target) {
        Set<PartitionId> keys = new TreeSet<>(now.holders().keySet());
        keys.addAll(target.keySet());
        for (PartitionId key : keys) {
            if (leases.size() == MAX_LEASES) {
                return;
            }
            String wanted = target.getOrDefault(key, "");
            if (wanted.isEmpty() || members.contains(wanted)) {
                add(key, now.holders().get(key), wanted);
            }
        }
    }

    private void add(PartitionId key, @Nullable String holder, String wanted) {
        boolean due =
                holder == null || leaving.contains(holder)
                        ? !wanted.isEmpty()
                        : !wanted.equals(holder) && !isInUse(key, holder);
        if (due) {
            leases.add(new LeaseChange(key.topicId(), key.partition(), wanted));
        }
    }

    private boolean isInUse(PartitionId key, String holder) {
        MemberState member = memberStates.get(holder);
        // A member that leaves with the next change keeps its leases until then.
        return member != null && (member.leaving || member.mayWorkOn(key));
    }
}
