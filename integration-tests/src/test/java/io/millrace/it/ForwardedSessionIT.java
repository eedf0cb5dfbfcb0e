package io.millrace.it;

import static io.millrace.it.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.DescribeGroupResponse;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A member whose stream is on one node and whose group is coordinated by another. */
@Timeout(180)
class ForwardedSessionIT {

    private static final String GROUP = FolderCluster.groupOf("n1", Set.of("n0", "n1"));

    /**
     * The lease of a node, a second until its incarnation is closed, and a margin for a busy
     * machine.
     */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @TempDir Path folder;
    private FolderCluster cluster;
    private MillraceProcess coordinates;
    private ManagedChannel channel;
    private MillraceClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = FolderCluster.of(folder, "n0", "n1");
        coordinates = cluster.node("n1");
        channel = cluster.node("n0").connect();
        client = MillraceClient.connect(cluster.node("n0").address());
        client.topics().create("t", 1, Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        channel.shutdownNow();
        cluster.close();
    }

    private void produce(int records) {
        try (Producer producer = client.producer()) {
            for (int i = 0; i < records; i++) {
                byte[] value = ("record " + i).getBytes(StandardCharsets.UTF_8);
                var unused = producer.send(OutgoingRecord.of("t", null, value));
            }
            producer.flush();
        }
    }

    private DescribeGroupResponse group() {
        return GroupsGrpc.newBlockingStub(channel)
                .describeGroup(DescribeGroupRequest.newBuilder().setGroup(GROUP).build());
    }

    @Test
    void aMemberKeepsItsStreamWhenItsCoordinatorDies() {
        MemberStream stream = MemberStream.joined(channel, GROUP, "t");
        assertThat(group().getSummary().getCoordinator()).isEqualTo("n1");
        produce(10);
        stream.grant();
        stream.commit(1, 3);
        await("the first commit", () -> stream.all(ResponseCase.COMMITTED).size() == 1);
        await("the records", () -> !stream.all(ResponseCase.BATCHES).isEmpty());

        long killedNanos = System.nanoTime();
        coordinates.kill();
        stream.commit(2, 5);
        long sent = stream.heartbeat();
        produce(10);
        await("records that were written since", () -> highWatermark(stream) == 20);
        await("the second commit", () -> stream.all(ResponseCase.COMMITTED).size() == 2);
        await(
                "an answer of the next coordinator",
                () -> {
                    stream.heartbeat();
                    return stream.acknowledgedMessages() >= sent;
                });
        Duration answered = Duration.ofNanos(System.nanoTime() - killedNanos);
        System.out.printf(
                "ForwardedSessionIT: answered %d ms after the kill%n", answered.toMillis());
        assertThat(answered).isLessThan(LONGEST);

        assertThat(stream.all(ResponseCase.COMMITTED))
                .noneMatch(response -> response.getCommitted().hasError());
        assertThat(group().getPartitions(0).getCommittedOffset()).isEqualTo(5);
        assertThat(group().getSummary().getCoordinator()).isEqualTo("n0");
        assertThat(stream.hasEnded()).isFalse();
        assertThat(stream.all(ResponseCase.JOINED)).hasSize(1);
        assertThat(stream.all(ResponseCase.ASSIGNED)).hasSize(1);
        assertThat(stream.all(ResponseCase.REVOKE)).isEmpty();
        assertThat(stream.all(ResponseCase.LOST)).isEmpty();
    }

    @Test
    void aStoppingCoordinatorHandsTheMemberOver() {
        MemberStream stream = MemberStream.joined(channel, GROUP, "t");
        assertThat(group().getSummary().getCoordinator()).isEqualTo("n1");
        long beganNanos = System.nanoTime();

        assertThat(coordinates.terminate()).isZero();
        stream.commit(1, 0);
        await("the commit", () -> stream.all(ResponseCase.COMMITTED).size() == 1);
        long sent = stream.heartbeat();
        await(
                "an answer of the next coordinator",
                () -> {
                    stream.heartbeat();
                    return stream.acknowledgedMessages() >= sent;
                });
        Duration answered = Duration.ofNanos(System.nanoTime() - beganNanos);
        System.out.printf(
                "ForwardedSessionIT: answered %d ms after the stop began%n", answered.toMillis());
        assertThat(answered).isLessThan(LONGEST);

        assertThat(stream.all(ResponseCase.COMMITTED).getFirst().getCommitted().hasError())
                .isFalse();
        assertThat(group().getSummary().getCoordinator()).isEqualTo("n0");
        assertThat(stream.hasEnded()).isFalse();
        assertThat(stream.all(ResponseCase.JOINED)).hasSize(1);
        assertThat(stream.all(ResponseCase.LOST)).isEmpty();
    }

    private static long highWatermark(MemberStream stream) {
        return stream.all(ResponseCase.BATCHES).getLast().getBatches().getHighWatermark();
    }
}
