package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.ClassicGroupCheck;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.KafkaLink;
import io.millrace.simulation.world.KafkaPort;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A member of a classic group, dynamic or static. It finds the coordinator, joins, synchronises,
 * and then commits and sends heartbeats. After the loss of its coordinator it continues with the
 * next one in its generation.
 */
final class KafkaMember {

    private static final Duration ANSWER = Duration.ofSeconds(3);
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
    private final ClassicGroupCheck check;
    private final KafkaMemberRequests requests;
    private final SplittableRandom random;
    private final Set<Integer> owned = new TreeSet<>();

    /** The owned partitions with an accepted commit since the last fault of the group. */
    private final Set<Integer> ended = new HashSet<>();

    private Phase phase = Phase.STOPPED;
    private String memberId = "";
    private int generation = -1;
    private @Nullable KafkaLink coordinator;
    private boolean finishing;

    /** Rises with each change of the phase or of the coordinator: older answers are ignored. */
    private int step;

    private long pausedUntil;

    KafkaMember(
            SimulatedCluster cluster,
            ClassicGroupCheck check,
            Identity identity,
            SplittableRandom random) {
        this.cluster = cluster;
        this.check = check;
        this.requests = new KafkaMemberRequests(identity);
        this.random = random;
    }

    void start() {
        if (phase == Phase.STOPPED) {
            memberId = "";
            join();
        }
    }

    /** Ends the process without a message. */
    void kill() {
        phase = Phase.STOPPED;
        generation = -1;
        owned.clear();
        ended.clear();
        disconnect();
    }

    void leave() {
        KafkaLink link = coordinator;
        if (phase == Phase.STABLE && link != null) {
            link.send(ApiKeys.LEAVE_GROUP, 4, requests.leave(memberId), left -> {});
        }
        kill();
    }

    /** Suspends the process: nothing is sent, and answers wait. */
    void pause(Duration time) {
        pausedUntil = cluster.world.nanoTime() + time.toNanos();
    }

    /** Commits each partition once more, and then only stays in the group. */
    void finish() {
        finishing = true;
        ended.clear();
    }

    boolean isStable() {
        return phase == Phase.STABLE;
    }

    int generation() {
        return generation;
    }

    boolean hasEnded(int partition) {
        return phase == Phase.STABLE && owned.contains(partition) && ended.contains(partition);
    }

    private void disconnect() {
        step++;
        if (coordinator != null) {
            coordinator.close();
            coordinator = null;
        }
    }

    /** Runs a task after a delay and any suspension, unless the member has gone on. */
    private void later(int minMillis, int maxMillis, Runnable task) {
        later(step, FaultState.between(random, minMillis, maxMillis), task);
    }

    private void later(int own, Duration delay, Runnable task) {
        cluster.world.schedule(delay, () -> whenAwake(own, task));
    }

    private void whenAwake(int own, Runnable task) {
        long left = pausedUntil - cluster.world.nanoTime();
        if (own != step) {
            return;
        }
        if (left > 0) {
            cluster.world.schedule(Duration.ofNanos(left), () -> whenAwake(own, task));
        } else {
            task.run();
        }
    }

    /** Sends a request; without an answer in time, searches the coordinator again. */
    private <A extends ApiMessage> void call(
            KafkaLink link,
            ApiKeys api,
            int version,
            ApiMessage request,
            Class<A> type,
            Duration patience,
            Consumer<A> answered) {
        int own = step;
        boolean[] done = new boolean[1];
        link.send(
                api,
                version,
                request,
                answer ->
                        whenAwake(
                                own,
                                () -> {
                                    done[0] = true;
                                    answered.accept(type.cast(answer));
                                }));
        later(
                own,
                patience,
                () -> {
                    if (!done[0]) {
                        find();
                    }
                });
    }

    private void find() {
        disconnect();
        KafkaLink link = KafkaProducer.connect(cluster, random);
        if (link == null) {
            later(50, 400, this::find);
            return;
        }
        call(
                link,
                ApiKeys.FIND_COORDINATOR,
                4,
                requests.find(),
                FindCoordinatorResponseData.class,
                ANSWER,
                answer -> {
                    link.close();
                    found(answer.coordinators().getFirst());
                });
    }

    private void found(FindCoordinatorResponseData.Coordinator found) {
        Errors error = Errors.forCode(found.errorCode());
        cluster.violations.check(
                error == Errors.NONE || error == Errors.COORDINATOR_NOT_AVAILABLE,
                "a search for a coordinator is answered with %s",
                error);
        NodeProcess process = error == Errors.NONE ? cluster.servingAt(found.host()) : null;
        KafkaPort port = process == null ? null : process.kafka();
        step++;
        if (process == null || port == null) {
            later(50, 400, this::find);
            return;
        }
        coordinator = new KafkaLink(cluster, process, port);
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
        step++;
        KafkaLink link = coordinator;
        if (link == null) {
            find();
            return;
        }
        call(
                link,
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
        KafkaLink link = coordinator;
        if (link != null) {
            call(
                    link,
                    ApiKeys.SYNC_GROUP,
                    5,
                    requests.sync(joined),
                    SyncGroupResponseData.class,
                    REBALANCE_ANSWER,
                    this::synced);
        }
    }

    private void synced(SyncGroupResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error != Errors.NONE) {
            failed(error);
            return;
        }
        phase = Phase.STABLE;
        step++;
        owned.addAll(requests.partitions(answer));
        for (int partition : owned) {
            check.assigned(memberId, generation, partition);
        }
        fetch();
        beginWork();
    }

    private void fetch() {
        KafkaLink link = coordinator;
        if (link == null || owned.isEmpty()) {
            return;
        }
        ClassicGroupCheck.Fetch fetch = check.fetching();
        link.send(
                ApiKeys.OFFSET_FETCH,
                7,
                requests.fetch(owned),
                answer -> fetched(fetch, (OffsetFetchResponseData) answer));
    }

    private static void fetched(ClassicGroupCheck.Fetch fetch, OffsetFetchResponseData answer) {
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
        later(100, HEARTBEAT_MILLIS, this::heartbeat);
        later(50, 800, this::commit);
    }

    private void heartbeat() {
        KafkaLink link = coordinator;
        if (link == null) {
            return;
        }
        call(
                link,
                ApiKeys.HEARTBEAT,
                4,
                requests.heartbeat(memberId, generation),
                HeartbeatResponseData.class,
                ANSWER,
                answer -> {
                    Errors error = Errors.forCode(answer.errorCode());
                    if (error == Errors.NONE) {
                        later(HEARTBEAT_MILLIS / 2, HEARTBEAT_MILLIS, this::heartbeat);
                    } else {
                        failed(error);
                    }
                });
    }

    private void commit() {
        KafkaLink link = coordinator;
        List<Integer> open = new ArrayList<>(owned);
        if (finishing) {
            open.removeAll(ended);
        }
        if (link == null || open.isEmpty()) {
            later(200, 800, this::commit);
            return;
        }
        int partition = open.get(random.nextInt(open.size()));
        ClassicGroupCheck.Commit commit = check.sent(memberId, generation, partition);
        call(
                link,
                ApiKeys.OFFSET_COMMIT,
                8,
                requests.commit(memberId, generation, partition, commit.offset()),
                OffsetCommitResponseData.class,
                ANSWER,
                answer -> committed(commit, partition, answer));
    }

    private void committed(
            ClassicGroupCheck.Commit commit, int partition, OffsetCommitResponseData answer) {
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
            later(50, 800, this::commit);
        } else {
            failed(error);
        }
    }

    private void failed(Errors error) {
        cluster.trace.note(cluster.world.nanoTime(), error.name(), generation, 0, 0);
        switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS ->
                    later(20, 300, this::find);
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
