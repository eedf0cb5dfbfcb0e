package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.KafkaGroupCheck;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A member of KIP-848, dynamic or static. It joins by a heartbeat, takes and releases partitions as
 * the answers say, and commits. After a failure it continues over the coordinator or over any other
 * node.
 */
final class KafkaConsumerMember implements KafkaGroupMember {

    private static final int HEARTBEAT_MILLIS = 1000;

    private final SimulatedCluster cluster;
    private final KafkaGroupCheck check;
    private final KafkaConsumerRequests requests;
    private final SplittableRandom random;
    private final IntSupplier assignments;
    private final CoordinatorLink coordinator;

    /** The number of the assignment of each owned partition. */
    private final Map<Integer, Integer> owned = new TreeMap<>();

    /** The owned partitions with an accepted commit since the last fault of the group. */
    private final Set<Integer> ended = new HashSet<>();

    private boolean running;
    private boolean heartbeatDue;
    private String memberId = "";
    private int processes;
    private int epoch;
    private Uuid topicId = Uuid.ZERO_UUID;
    private boolean continues;
    private boolean ownershipChanged;
    private boolean finishing;

    /**
     * @param assignments a source of rising numbers, shared by the members of the group
     */
    KafkaConsumerMember(
            SimulatedCluster cluster,
            KafkaGroupCheck check,
            KafkaMember.Identity identity,
            SplittableRandom random,
            IntSupplier assignments) {
        this.cluster = cluster;
        this.check = check;
        this.requests = new KafkaConsumerRequests(identity);
        this.random = random;
        this.assignments = assignments;
        this.coordinator = new CoordinatorLink(cluster, identity.group(), random, this::connected);
    }

    @Override
    public void start() {
        if (!running) {
            running = true;
            memberId = "%s-%d".formatted(requests.name(), ++processes);
            epoch = 0;
            coordinator.find();
        }
    }

    @Override
    public void kill() {
        running = false;
        drop();
        coordinator.disconnect();
    }

    @Override
    public void leave() {
        if (running) {
            coordinator.send(
                    ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, requests.leave(memberId), left -> {});
        }
        kill();
    }

    @Override
    public void pause(Duration time) {
        coordinator.pause(time);
    }

    @Override
    public void finish() {
        finishing = true;
        ended.clear();
    }

    int epoch() {
        return epoch;
    }

    @Override
    public boolean hasEnded(int partition) {
        return running && epoch > 0 && owned.containsKey(partition) && ended.contains(partition);
    }

    private void drop() {
        owned.clear();
        ended.clear();
    }

    private void connected(NodeProcess process) {
        cluster.trace.note(
                cluster.world.nanoTime(), memberId + " connects", process.node, epoch, 0);
        // An earlier heartbeat may be lost, with the properties and the release that it had.
        continues = true;
        heartbeat();
        coordinator.later(50, 800, this::commit);
    }

    private void searchOrMove() {
        if (random.nextInt(3) == 0) {
            coordinator.connectAnywhere();
        } else {
            coordinator.find();
        }
    }

    private void heartbeat() {
        heartbeatDue = false;
        ConsumerGroupHeartbeatRequestData request = request();
        continues = false;
        ownershipChanged = false;
        coordinator.call(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                request,
                ConsumerGroupHeartbeatResponseData.class,
                // Nodes answer after five seconds at most.
                CoordinatorLink.ANSWER.multipliedBy(2),
                this::answered);
    }

    private ConsumerGroupHeartbeatRequestData request() {
        if (epoch == 0) {
            return requests.join(memberId);
        }
        if (continues) {
            return requests.continued(memberId, epoch, topicId, owned.keySet());
        }
        return ownershipChanged
                ? requests.changed(memberId, epoch, topicId, owned.keySet())
                : requests.unchanged(memberId, epoch);
    }

    private void heartbeatLater(int minMillis, int maxMillis) {
        if (!heartbeatDue) {
            heartbeatDue = true;
            coordinator.later(minMillis, maxMillis, this::heartbeat);
        }
    }

    private void answered(ConsumerGroupHeartbeatResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error != Errors.NONE) {
            failed(error);
            return;
        }
        epoch = answer.memberEpoch();
        ConsumerGroupHeartbeatResponseData.@Nullable Assignment assignment = answer.assignment();
        if (assignment != null && assign(partitions(assignment))) {
            heartbeatLater(1, 300);
        } else {
            heartbeatLater(HEARTBEAT_MILLIS / 2, HEARTBEAT_MILLIS);
        }
    }

    private Set<Integer> partitions(ConsumerGroupHeartbeatResponseData.Assignment assignment) {
        Set<Integer> partitions = new TreeSet<>();
        for (ConsumerGroupHeartbeatResponseData.TopicPartitions topic :
                assignment.topicPartitions()) {
            topicId = topic.topicId();
            partitions.addAll(topic.partitions());
        }
        return partitions;
    }

    /** Releases and takes partitions, and returns whether anything has changed. */
    private boolean assign(Set<Integer> target) {
        boolean released = owned.keySet().retainAll(target);
        ended.retainAll(owned.keySet());
        Set<Integer> added = new TreeSet<>(target);
        added.removeAll(owned.keySet());
        for (int partition : added) {
            int number = assignments.getAsInt();
            owned.put(partition, number);
            check.assigned(memberId, number, partition);
        }
        cluster.trace.note(
                cluster.world.nanoTime(), memberId + " has " + owned, epoch, added.size(), 0);
        if (!added.isEmpty()) {
            fetch(added);
        }
        ownershipChanged |= released || !added.isEmpty();
        return ownershipChanged;
    }

    private void fetch(Set<Integer> partitions) {
        KafkaGroupCheck.Fetch fetch = check.fetching();
        coordinator.send(
                ApiKeys.OFFSET_FETCH,
                9,
                requests.fetch(memberId, epoch, partitions),
                answer -> fetched(fetch, (OffsetFetchResponseData) answer));
    }

    private static void fetched(KafkaGroupCheck.Fetch fetch, OffsetFetchResponseData answer) {
        OffsetFetchResponseData.OffsetFetchResponseGroup group = answer.groups().getFirst();
        if (group.errorCode() != Errors.NONE.code()) {
            return;
        }
        group.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition -> partition.errorCode() == Errors.NONE.code())
                .forEach(partition ->
                        fetch.received(partition.partitionIndex(), partition.committedOffset()));
    }

    private void commit() {
        List<Integer> open = new ArrayList<>(owned.keySet());
        if (finishing) {
            open.removeAll(ended);
        }
        if (open.isEmpty() || epoch == 0) {
            coordinator.later(200, 800, this::commit);
            return;
        }
        int partition = open.get(random.nextInt(open.size()));
        int assignment = owned.getOrDefault(partition, 0);
        KafkaGroupCheck.Commit commit = check.sent(memberId, assignment, partition);
        coordinator.call(
                ApiKeys.OFFSET_COMMIT,
                9,
                requests.commit(memberId, epoch, partition, commit.offset()),
                OffsetCommitResponseData.class,
                CoordinatorLink.ANSWER,
                answer -> committed(commit, partition, assignment, answer));
    }

    private void committed(
            KafkaGroupCheck.Commit commit,
            int partition,
            int assignment,
            OffsetCommitResponseData answer) {
        Errors error =
                Errors.forCode(answer.topics().getFirst().partitions().getFirst().errorCode());
        cluster.trace.note(
                cluster.world.nanoTime(),
                memberId + " commits: " + error.name(),
                epoch,
                partition,
                commit.offset());
        switch (error) {
            case NONE -> {
                check.accepted(commit);
                if (owned.getOrDefault(partition, 0) == assignment) {
                    ended.add(partition);
                }
            }
            case REQUEST_TIMED_OUT -> {
                // The commit may count or not.
            }
            // The next heartbeats tell the epoch, or that the member has to join again.
            case STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND ->
                    check.rejected(commit);
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS -> {
                check.rejected(commit);
                failed(error);
                return;
            }
            default ->
                    cluster.violations.add(
                            "a commit of a member of KIP-848 receives " + error.name());
        }
        coordinator.later(50, 800, this::commit);
    }

    private void failed(Errors error) {
        cluster.trace.note(
                cluster.world.nanoTime(), memberId + " receives " + error.name(), epoch, 0, 0);
        switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS -> {
                coordinator.advance();
                heartbeatDue = false;
                coordinator.later(20, 300, this::searchOrMove);
            }
            case FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID -> {
                drop();
                epoch = 0;
                heartbeatLater(1, 100);
            }
            // The former process of a static member is still a member.
            case UNRELEASED_INSTANCE_ID -> heartbeatLater(300, HEARTBEAT_MILLIS);
            default -> cluster.violations.add("a member of KIP-848 receives " + error.name());
        }
    }

    @Override
    public String toString() {
        return "%s in epoch %d with %s, of which %s are committed"
                .formatted(memberId, epoch, owned.keySet(), ended);
    }
}
