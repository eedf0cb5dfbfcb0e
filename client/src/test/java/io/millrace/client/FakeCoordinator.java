package io.millrace.client;

import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FakeLog;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The single group of the fake server: members, leases and commits by the rules of docs/design.md,
 * section 5. Members expire at the test's command. Thread-safe.
 */
public final class FakeCoordinator {

    /** A member's stream, called under the coordinator's lock. */
    public interface Attached {
        void assigned(List<TopicPartition> partitions, boolean evenNone);

        void revoke(List<TopicPartition> partitions);

        void lost(List<TopicPartition> partitions);

        void ended(Problem problem);
    }

    record Committed(long offset, String metadata, String member) {}

    private final Map<String, @Nullable Attached> members = new LinkedHashMap<>();
    private final Map<TopicPartition, String> leases = new TreeMap<>();
    private final Map<TopicPartition, String> targets = new TreeMap<>();
    private final Map<TopicPartition, Committed> committed = new HashMap<>();
    private final List<String> released = new ArrayList<>();
    private final FakeLog log;
    private int nextMember = 1;

    public FakeCoordinator(FakeLog log) {
        this.log = log;
    }

    /** Joins or resumes a member; ends the stream with UNKNOWN_MEMBER if the member is unknown. */
    public synchronized void join(String memberId, Attached stream, Consumer<String> joined) {
        if (!memberId.isEmpty() && !members.containsKey(memberId)) {
            stream.ended(new Problem(Reason.UNKNOWN_MEMBER, "Not known any more."));
            return;
        }
        if (!memberId.isEmpty()) {
            members.put(memberId, stream);
            joined.accept(memberId);
            stream.assigned(leased(memberId), true);
            List<TopicPartition> going = going(memberId);
            if (!going.isEmpty()) {
                stream.revoke(going);
            }
            return;
        }
        String id = "m" + nextMember++;
        members.put(id, stream);
        joined.accept(id);
        rebalance();
    }

    private List<TopicPartition> leased(String member) {
        return leases.keySet().stream().filter(id -> member.equals(leases.get(id))).toList();
    }

    private List<TopicPartition> going(String member) {
        return leased(member).stream().filter(id -> !member.equals(targets.get(id))).toList();
    }

    private void rebalance() {
        List<String> ids = List.copyOf(members.keySet());
        int next = 0;
        for (var topic : log.topics()) {
            for (int i = 0; i < topic.getPartitionCount(); i++) {
                TopicPartition id = new TopicPartition(topic.getName(), i);
                if (ids.isEmpty()) {
                    targets.remove(id);
                } else {
                    targets.put(id, ids.get(next++ % ids.size()));
                }
            }
        }
        for (String member : ids) {
            List<TopicPartition> going = going(member);
            Attached stream = members.get(member);
            if (!going.isEmpty() && stream != null) {
                stream.revoke(going);
            }
        }
        giveFree();
    }

    private void giveFree() {
        Map<String, List<TopicPartition>> given = new TreeMap<>();
        targets.forEach((id, target) -> {
            if (!leases.containsKey(id)) {
                leases.put(id, target);
                given.computeIfAbsent(target, member -> new ArrayList<>()).add(id);
            }
        });
        given.forEach((member, partitions) -> {
            Attached stream = members.get(member);
            if (stream != null) {
                stream.assigned(partitions, false);
            }
        });
    }

    public synchronized void released(String member, List<TopicPartition> partitions) {
        for (TopicPartition id : partitions) {
            if (member.equals(leases.get(id)) && !member.equals(targets.get(id))) {
                leases.remove(id);
                released.add(member + " " + id.partition());
            }
        }
        giveFree();
    }

    synchronized @Nullable public Problem commit(
            String member, TopicPartition id, long offset, String metadata) {
        if (!member.equals(leases.get(id))) {
            return new Problem(
                    Reason.PARTITION_NOT_LEASED,
                    "Not its own.",
                    Map.of("topic", id.topic(), "partition", Integer.toString(id.partition())));
        }
        committed.put(id, new Committed(offset, metadata, member));
        return null;
    }

    public synchronized void leave(String member) {
        members.remove(member);
        leases.values().removeIf(member::equals);
        rebalance();
    }

    public synchronized void detached(String member, Attached stream) {
        if (members.get(member) == stream) {
            members.put(member, null);
        }
    }

    /** Expires a member's session. */
    public synchronized void expire(String member) {
        Attached stream = members.remove(member);
        leases.values().removeIf(member::equals);
        if (stream != null) {
            stream.ended(new Problem(Reason.UNKNOWN_MEMBER, "It was silent."));
        }
        rebalance();
    }

    /** Revokes a partition from its member at once. */
    public synchronized void takeAway(TopicPartition id) {
        String member = leases.remove(id);
        targets.remove(id);
        Attached stream = member == null ? null : members.get(member);
        if (stream != null) {
            stream.lost(List.of(id));
        }
    }

    public synchronized long committed(TopicPartition id) {
        Committed found = committed.get(id);
        return found == null ? -1 : found.offset();
    }

    public synchronized String metadata(TopicPartition id) {
        Committed found = committed.get(id);
        return found == null ? "" : found.metadata();
    }

    public synchronized List<String> members() {
        return List.copyOf(members.keySet());
    }

    synchronized Map<TopicPartition, String> leases() {
        return Map.copyOf(leases);
    }

    /** Returns the releases, as member and partition, in order. */
    public synchronized List<String> releases() {
        return List.copyOf(released);
    }
}
