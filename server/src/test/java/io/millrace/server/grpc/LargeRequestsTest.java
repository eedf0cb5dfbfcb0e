package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many concurrent large requests at a node that has memory for a few of them. */
@Timeout(120)
class LargeRequestsTest {

    /** A third is for inbound requests. */
    private static final long DIRECT_BYTES = 64L << 20;

    private static final int CONNECTIONS = 100;
    private static final int MESSAGES = 2;

    private final ProduceRequest request = RunningNode.produceRequest();
    @TempDir Path folder;
    private RunningNode node;

    @BeforeEach
    void open() {
        node = new RunningNode(folder, DIRECT_BYTES);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void allAreStoredAndNoneIsRefused() {
        List<CompletableFuture<Integer>> stored = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            stored.add(produceStream(node.connect()));
        }
        assertThat(stored)
                .allSatisfy(acks -> assertThat(acks.get(60, TimeUnit.SECONDS)).isEqualTo(MESSAGES));
        assertThat(node.counter("millrace.grpc.calls.rejected")).isZero();
        node.awaitGauge("millrace.grpc.inbound", 0);
        node.awaitGauge("millrace.grpc.waiting", 0);
    }

    @Test
    void callsOfOneConnectionAreStoredToo() {
        ManagedChannel connection = node.connect();
        List<CompletableFuture<Integer>> stored = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            stored.add(produce(connection));
        }
        assertThat(stored)
                .allSatisfy(acks -> assertThat(acks.get(60, TimeUnit.SECONDS)).isEqualTo(1));
    }

    @Test
    void smallRequestsAreAnsweredMeanwhile() {
        List<CompletableFuture<Integer>> stored = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            stored.add(produceStream(node.connect()));
        }
        RunningNode.await(() -> node.gauge("millrace.grpc.waiting") > 0);
        assertThat(
                        AdminGrpc.newBlockingStub(node.connect())
                                .withDeadlineAfter(20, TimeUnit.SECONDS)
                                .listTopics(ListTopicsRequest.getDefaultInstance())
                                .getTopicsCount())
                .isEqualTo(1);
        assertThat(stored)
                .allSatisfy(acks -> assertThat(acks.get(60, TimeUnit.SECONDS)).isEqualTo(MESSAGES));
    }

    private CompletableFuture<Integer> produceStream(ManagedChannel connection) {
        Acks<ProduceStreamResponse> acks = new Acks<>();
        StreamObserver<ProduceStreamRequest> messages =
                IngestGrpc.newStub(connection).produceStream(acks);
        for (int i = 0; i < MESSAGES; i++) {
            messages.onNext(ProduceStreamRequest.newBuilder().addRequests(request).build());
        }
        messages.onCompleted();
        return acks.all;
    }

    private CompletableFuture<Integer> produce(ManagedChannel connection) {
        Acks<ProduceAck> acks = new Acks<>();
        IngestGrpc.newStub(connection).produce(request, acks);
        return acks.all;
    }

    /** Counts responses until the call ends. */
    private static final class Acks<T> implements StreamObserver<T> {

        private final CompletableFuture<Integer> all = new CompletableFuture<>();
        private int count;

        @Override
        public void onNext(T answer) {
            if (!(answer instanceof ProduceStreamResponse response)
                    || response.getResults(0).hasAck()) {
                count++;
            }
        }

        @Override
        public void onError(Throwable failure) {
            all.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            all.complete(count);
        }
    }
}
