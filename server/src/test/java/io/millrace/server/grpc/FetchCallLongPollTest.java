package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fetches that wait for data, and the ways a wait ends. */
@Timeout(60)
class FetchCallLongPollTest {

    private static final String WAITING = "millrace.fetch.waiting";
    private static final int POLLS = 300;

    @TempDir Path folder;
    private RunningNode node;

    @BeforeEach
    void open() {
        node = new RunningNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void dataEndsTheWaitOfAll() throws Exception {
        List<Future<FetchResponse>> polls = polls(node.connect());
        node.awaitGauge(WAITING, POLLS);
        node.produce(1);
        for (Future<FetchResponse> poll : polls) {
            FetchResponse answer = poll.get(30, TimeUnit.SECONDS);
            assertThat(answer.getPartitions(0).getBatches().size())
                    .isGreaterThan(RunningNode.BATCH_BYTES - 100);
        }
        node.awaitGauge(WAITING, 0);
        node.awaitGauge("millrace.fetch.reply", 0);
        node.awaitGauge("millrace.grpc.outbound", 0);
    }

    @Test
    void aCallerThatCancelsLeavesNoWaiterBehind() {
        List<Future<FetchResponse>> polls = polls(node.connect());
        node.awaitGauge(WAITING, POLLS);
        polls.forEach(poll -> poll.cancel(true));
        node.awaitGauge(WAITING, 0);
        node.produce(1);
        assertThat(node.gauge("millrace.grpc.outbound")).isZero();
    }

    @Test
    void aConnectionThatBreaksLeavesNoWaiterBehind() {
        ManagedChannel connection = node.connect();
        polls(connection);
        node.awaitGauge(WAITING, POLLS);
        connection.shutdownNow();
        node.awaitGauge(WAITING, 0);
    }

    @Test
    void aDeadlineThatPassesLeavesNoWaiterBehind() {
        var unused =
                FetchGrpc.newFutureStub(node.connect())
                        .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                        .fetch(RunningNode.fetchFrom(0).setMaxWaitMs(60_000).build());
        node.awaitGauge(WAITING, 1);
        node.awaitGauge(WAITING, 0);
    }

    private static List<Future<FetchResponse>> polls(ManagedChannel channel) {
        List<Future<FetchResponse>> polls = new ArrayList<>();
        for (int i = 0; i < POLLS; i++) {
            polls.add(
                    FetchGrpc.newFutureStub(channel)
                            .fetch(RunningNode.fetchFrom(0).setMaxWaitMs(60_000).build()));
        }
        return polls;
    }
}
