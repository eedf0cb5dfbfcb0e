package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.KafkaGroupCheck;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * A member of a classic group, dynamic or static. It finds the coordinator, joins, synchronises,
 * and then commits and sends heartbeats. After the loss of its coordinator it continues with the
 * next one in its generation.
 */
final class KafkaMember implements KafkaGroupMember {

    private static final Duration REBALANCE_ANSWER = Duration.ofSeconds(20);
    private static final int HEARTBEAT_MILLIS = 1000;

    /**
     * The properties of a member that outlive its processes.
     *
     * @param instance empty for a dynamic member
     */
    record Identity(String group, String topic, int partitions, String instance, int sessionMs) {}

    private enum Phase {
        STOPPED,
        JOINING,
        STABLE
    }

    private final SimulatedCluster cluster;
    private final KafkaGroupCheck check;
    private final KafkaMemberRequests requests;
    private final SplittableRandom random;
    private final CoordinatorLink coordinator;
    private final Set<Integer> owned = new TreeSet<>();

    /** The owned partitions with an accepted commit since the last fault of the group. */
    private final Set<Integer> ended = new HashSet<>();

    private Phase phase = Phase.STOPPED;
    private String memberId = "";
    private int generation = -1;
    private boolean finishing;

    KafkaMember(
            SimulatedCluster cluster,
            KafkaGroupCheck check,
            Identity identity,
            SplittableRandom random) {
        this.cluster = cluster;
        this.check = check;
        this.requests = new KafkaMemberRequests(identity);
        this.random = random;
        this.coordinator = new CoordinatorLink(cluster, identity.group(), random, this::connected);
    }

    @Override
    public void start() {
        if (phase == Phase.STOPPED) {
            memberId = "";
            join();
        }
    }

    @Override
    public void kill() {
        phase = Phase.STOPPED;
        generation = -1;
        owned.clear();
        ended.clear();
        coordinator.disconnect();
    }

    @Override
    public void leave() {
        if (phase == Phase.STABLE) {
            coordinator.send(ApiKeys.LEAVE_GROUP, 4, requests.leave(memberId), left -> {});
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

    boolean isStable() {
        return phase == Phase.STABLE;
    }

    int generation() {
        return generation;
    }

    @Override
    public boolean hasEnded(int partition) {
        return phase == Phase.STABLE && owned.contains(partition) && ended.contains(partition);
    }

    private void connected(NodeProcess process) {
        if (phase == Phase.STABLE) {
            cluster.trace.note(
                    cluster.world.nanoTime(), "member continues", process.node, generation, 0);
            beginWork();
        } else {
            join();
        }
    }

    private void join() {
        phase = Phase.JOINING;
        owned.clear();
        coordinator.advance();
        if (!coordinator.isConnected()) {
            coordinator.find();
            return;
        }
        coordinator.call(
                ApiKeys.JOIN_GROUP,
                9,
                requests.join(memberId),
                JoinGroupResponseData.class,
                REBALANCE_ANSWER,
                this::joined);
    }

    private void joined(JoinGroupResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        switch (error) {
            case NONE -> {
                memberId = answer.memberId();
                generation = answer.generationId();
                cluster.trace.note(
                        cluster.world.nanoTime(), "joined as " + memberId, generation, 0, 0);
                sync(answer);
            }
            case MEMBER_ID_REQUIRED -> {
                memberId = answer.memberId();
                join();
            }
            default -> failed(error);
        }
    }

    private void sync(JoinGroupResponseData joined) {
        coordinator.call(
                ApiKeys.SYNC_GROUP,
                5,
                requests.sync(joined),
                SyncGroupResponseData.class,
                REBALANCE_ANSWER,
                this::synced);
    }

    private void synced(SyncGroupResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error != Errors.NONE) {
            failed(error);
            return;
        }
        phase = Phase.STABLE;
        coordinator.advance();
        owned.addAll(requests.partitions(answer));
        for (int partition : owned) {
            check.assigned(memberId, generation, partition);
        }
        fetch();
        beginWork();
    }

    private void fetch() {
        if (owned.isEmpty()) {
            return;
        }
        KafkaGroupCheck.Fetch fetch = check.fetching();
        coordinator.send(
                ApiKeys.OFFSET_FETCH,
                7,
                requests.fetch(owned),
                answer -> fetched(fetch, (OffsetFetchResponseData) answer));
    }

    private static void fetched(KafkaGroupCheck.Fetch fetch, OffsetFetchResponseData answer) {
        if (answer.errorCode() != Errors.NONE.code()) {
            return;
        }
        answer.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition -> partition.errorCode() == Errors.NONE.code())
                .forEach(partition ->
                        fetch.received(partition.partitionIndex(), partition.committedOffset()));
    }

    private void beginWork() {
        coordinator.later(100, HEARTBEAT_MILLIS, this::heartbeat);
        coordinator.later(50, 800, this::commit);
    }

    private void heartbeat() {
        coordinator.call(
                ApiKeys.HEARTBEAT,
                4,
                requests.heartbeat(memberId, generation),
                HeartbeatResponseData.class,
                CoordinatorLink.ANSWER,
                answer -> {
                    Errors error = Errors.forCode(answer.errorCode());
                    if (error == Errors.NONE) {
                        coordinator.later(HEARTBEAT_MILLIS / 2, HEARTBEAT_MILLIS, this::heartbeat);
                    } else {
                        failed(error);
                    }
                });
    }

    private void commit() {
        List<Integer> open = new ArrayList<>(owned);
        if (finishing) {
            open.removeAll(ended);
        }
        if (open.isEmpty()) {
            coordinator.later(200, 800, this::commit);
            return;
        }
        int partition = open.get(random.nextInt(open.size()));
        KafkaGroupCheck.Commit commit = check.sent(memberId, generation, partition);
        coordinator.call(
                ApiKeys.OFFSET_COMMIT,
                8,
                requests.commit(memberId, generation, partition, commit.offset()),
                OffsetCommitResponseData.class,
                CoordinatorLink.ANSWER,
                answer -> committed(commit, partition, answer));
    }

    private void committed(
            KafkaGroupCheck.Commit commit, int partition, OffsetCommitResponseData answer) {
        Errors error =
                Errors.forCode(answer.topics().getFirst().partitions().getFirst().errorCode());
        if (error == Errors.NONE) {
            check.accepted(commit);
            ended.add(partition);
        } else if (error != Errors.REQUEST_TIMED_OUT) {
            check.rejected(commit);
        }
        if (error == Errors.NONE
                || error == Errors.REQUEST_TIMED_OUT
                || error == Errors.COORDINATOR_LOAD_IN_PROGRESS) {
            coordinator.later(50, 800, this::commit);
        } else {
            failed(error);
        }
    }

    private void failed(Errors error) {
        cluster.trace.note(cluster.world.nanoTime(), error.name(), generation, 0, 0);
        switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS ->
                    coordinator.later(20, 300, coordinator::find);
            case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION -> join();
            case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID -> {
                memberId = "";
                join();
            }
            default ->
                    cluster.violations.add("a member of a classic group receives " + error.name());
        }
    }

    @Override
    public String toString() {
        return "%s %s in generation %d with %s, of which %s are committed"
                .formatted(phase, memberId, generation, owned, ended);
    }
}
