package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that request much and read nothing. */
@Timeout(120)
class SlowReaderTest {

    private static final String LEAVING = "millrace.grpc.outbound";
    private static final long LIMIT_BYTES = RunningNode.DIRECT_BYTES / 5;
    private static final int CONNECTIONS = 40;
    private static final int FETCHES = 5;

    @TempDir Path folder;
    private RunningNode node;
    private final List<Status> ends = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() {
        node = new RunningNode(folder);
        node.produce(16);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void stalledReadersStayWithinTheBudgetAndOthersAreServed() {
        for (int i = 0; i < CONNECTIONS; i++) {
            ManagedChannel connection = node.connect();
            for (int f = 0; f < FETCHES; f++) {
                fetchWithoutReading(connection);
            }
        }
        awaitThatNothingMoves();
        FetchResponse answer =
                FetchGrpc.newBlockingStub(node.connect())
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .fetch(RunningNode.fetchFrom(3).build());
        assertThat(answer.getPartitions(0).getBatches().size())
                .isGreaterThan(RunningNode.BATCH_BYTES - 100);
        assertThat(node.gauge(LEAVING))
                .as("the last answer may go past the limit by a batch")
                .isLessThan(LIMIT_BYTES + 2 * RunningNode.BATCH_BYTES);
        assertThat(ends).as("who did not read was cut off").isNotEmpty();
    }

    @Test
    void memoryIsReleasedWhenStalledReadersDisconnect() {
        ManagedChannel connection = node.connect();
        for (int f = 0; f < FETCHES; f++) {
            fetchWithoutReading(connection);
        }
        RunningNode.await(() -> node.gauge(LEAVING) > RunningNode.BATCH_BYTES);
        assertThat(node.gauge(LEAVING)).isGreaterThan(RunningNode.BATCH_BYTES);
        connection.shutdownNow();
        node.awaitGauge(LEAVING, 0);
    }

    /** Waits until no more responses are written, as the windows are full. */
    private void awaitThatNothingMoves() {
        AtomicLong fullSinceNanos = new AtomicLong(System.nanoTime());
        RunningNode.await(() -> {
            if (node.gauge(LEAVING) < LIMIT_BYTES) {
                fullSinceNanos.set(System.nanoTime());
            }
            return System.nanoTime() - fullSinceNanos.get() > 500_000_000;
        });
        assertThat(node.gauge(LEAVING)).isGreaterThanOrEqualTo(LIMIT_BYTES);
    }

    private void fetchWithoutReading(ManagedChannel connection) {
        ClientCall<FetchRequest, FetchResponse> call =
                connection.newCall(FetchGrpc.getFetchMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ends.add(status);
                    }
                },
                new Metadata());
        call.sendMessage(RunningNode.fetchFrom(0).setMaxBytes(8 << 20).build());
        call.halfClose();
    }
}
