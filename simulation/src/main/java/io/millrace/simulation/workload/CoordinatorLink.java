package io.millrace.simulation.workload;

import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.KafkaLink;
import io.millrace.simulation.world.KafkaPort;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a group member to its coordinator, which is searched again when an answer does
 * not arrive. The process of the member may be suspended: nothing is sent then, and answers wait.
 */
final class CoordinatorLink {

    static final Duration ANSWER = Duration.ofSeconds(3);

    private final SimulatedCluster cluster;
    private final String group;
    private final SplittableRandom random;
    private final Consumer<NodeProcess> connected;
    private @Nullable KafkaLink link;

    /** Rises with each change of the member or of the coordinator: older answers are ignored. */
    private int step;

    private long pausedUntil;

    /**
     * @param connected is called when a coordinator was found
     */
    CoordinatorLink(
            SimulatedCluster cluster,
            String group,
            SplittableRandom random,
            Consumer<NodeProcess> connected) {
        this.cluster = cluster;
        this.group = group;
        this.random = random;
        this.connected = connected;
    }

    boolean isConnected() {
        return link != null;
    }

    /** Ignores all answers that have not arrived yet, and all tasks that are due later. */
    void advance() {
        step++;
    }

    void disconnect() {
        step++;
        if (link != null) {
            link.close();
            link = null;
        }
    }

    /** Suspends the process. */
    void pause(Duration time) {
        pausedUntil = cluster.world.nanoTime() + time.toNanos();
    }

    /** Runs a task after a delay and any suspension, unless the member has gone on. */
    void later(int minMillis, int maxMillis, Runnable task) {
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

    /** Sends a request without waiting for an answer. */
    void send(ApiKeys api, int version, ApiMessage request, Consumer<ApiMessage> answered) {
        if (link != null) {
            link.send(api, version, request, answered);
        }
    }

    /** Sends a request; without an answer in time, searches the coordinator again. */
    <A extends ApiMessage> void call(
            ApiKeys api,
            int version,
            ApiMessage request,
            Class<A> type,
            Duration patience,
            Consumer<A> answered) {
        if (link != null) {
            call(link, api, version, request, type, patience, answered);
        }
    }

    private <A extends ApiMessage> void call(
            KafkaLink over,
            ApiKeys api,
            int version,
            ApiMessage request,
            Class<A> type,
            Duration patience,
            Consumer<A> answered) {
        int own = step;
        boolean[] done = new boolean[1];
        over.send(
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

    /** Searches the coordinator. */
    void find() {
        disconnect();
        KafkaLink any = KafkaProducer.connect(cluster, random);
        if (any == null) {
            later(50, 400, this::find);
            return;
        }
        call(
                any,
                ApiKeys.FIND_COORDINATOR,
                4,
                new FindCoordinatorRequestData().setCoordinatorKeys(List.of(group)),
                FindCoordinatorResponseData.class,
                ANSWER,
                answer -> {
                    any.close();
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
        connect(process, port);
    }

    /** Connects to any node, which serves members of KIP-848 as a coordinator does. */
    void connectAnywhere() {
        disconnect();
        KafkaLink any = KafkaProducer.connect(cluster, random);
        if (any == null) {
            later(50, 400, this::connectAnywhere);
            return;
        }
        link = any;
        connected.accept(any.process());
    }

    private void connect(NodeProcess process, KafkaPort port) {
        link = new KafkaLink(cluster, process, port);
        connected.accept(process);
    }
}
