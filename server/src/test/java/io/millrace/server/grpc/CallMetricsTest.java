package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import io.millrace.protocol.v1.peer.PeerGrpc;
import io.millrace.protocol.v1.peer.ReadChunkRequest;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of each gRPC method of a whole node. */
@Timeout(120)
class CallMetricsTest {

    @TempDir Path folder;
    private RunningNode node;
    private ManagedChannel channel;

    @BeforeEach
    void open() {
        node = new RunningNode(folder);
        channel = node.connect();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void describe(String topic) {
        AdminGrpc.newBlockingStub(channel)
                .describeTopic(DescribeTopicRequest.newBuilder().setName(topic).build());
    }

    @Test
    void aMethodHasItsSeriesBeforeItsFirstCall() {
        assertThat(node.requests("Groups/ListGroups")).isZero();
    }

    @Test
    void aUnaryCallCountsOnceAndItsErrorByReason() {
        describe("t");
        assertThat(node.requests("Admin/DescribeTopic")).isEqualTo(1);
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> describe("absent"));
        assertThat(node.requests("Admin/DescribeTopic")).isEqualTo(2);
        assertThat(node.errors("Admin/DescribeTopic", "unknown_topic")).isEqualTo(1);
    }

    @Test
    void aCallThatIsRejectedBeforeItsHandlerCounts() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() ->
                        PeerGrpc.newBlockingStub(channel)
                                .readChunk(ReadChunkRequest.getDefaultInstance())
                                .next());
        assertThat(node.requests("millrace.internal.v1.Peer/ReadChunk")).isEqualTo(1);
        assertThat(node.errors("millrace.internal.v1.Peer/ReadChunk", "unauthenticated"))
                .isEqualTo(1);
    }

    @Test
    void anErrorOfAStandardServiceCountsByItsCode() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() ->
                        HealthGrpc.newBlockingStub(channel)
                                .check(
                                        HealthCheckRequest.newBuilder()
                                                .setService("absent")
                                                .build()));
        assertThat(node.errors("grpc.health.v1.Health/Check", "not_found")).isEqualTo(1);
    }

    @Test
    void eachMessageOfAProduceStreamIsARequestAndEachRejectedBatchAnError() throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        StreamObserver<ProduceStreamRequest> requests =
                IngestGrpc.newStub(channel)
                        .produceStream(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ProduceStreamResponse response) {}

                                    @Override
                                    public void onError(Throwable failure) {
                                        ended.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {
                                        ended.complete(null);
                                    }
                                });
        ProduceRequest rejected = RunningNode.produceRequest().toBuilder().setTopic("no").build();
        requests.onNext(
                ProduceStreamRequest.newBuilder()
                        .addRequests(RunningNode.produceRequest())
                        .addRequests(rejected)
                        .addRequests(rejected)
                        .build());
        requests.onNext(
                ProduceStreamRequest.newBuilder()
                        .addRequests(RunningNode.produceRequest())
                        .build());
        requests.onCompleted();
        ended.get(60, TimeUnit.SECONDS);

        assertThat(node.requests("Ingest/ProduceStream")).isEqualTo(2);
        assertThat(node.errors("Ingest/ProduceStream", "unknown_topic")).isEqualTo(2);
    }

    @Test
    void aSubscriptionCountsAtItsFirstResponseAndItsBreakIsCancelled() {
        SubscribeStream stream = SubscribeStream.open(channel, Open.newBuilder().addTopics("t"));
        stream.await(ResponseCase.ASSIGNED);
        assertThat(node.requests("Subscription/Subscribe")).isEqualTo(1);
        channel.shutdownNow();
        RunningNode.await(() -> node.errors("Subscription/Subscribe", "cancelled") == 1);
        assertThat(node.requests("Subscription/Subscribe")).isEqualTo(1);
    }
}
