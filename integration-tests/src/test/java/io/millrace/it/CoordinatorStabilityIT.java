package io.millrace.it;

import static io.millrace.it.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.GroupDescription.Summary;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.DescribeClusterRequest;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups of two nodes while a third node joins the cluster, coordinates groups, and leaves. */
@Timeout(240)
class CoordinatorStabilityIT {

    /** With this number, hashing almost certainly assigns groups to each node. */
    private static final int GROUPS = 30;

    @TempDir Path folder;
    private final Map<String, MemberStream> members = new TreeMap<>();
    private FolderCluster cluster;
    private ManagedChannel channel;
    private MillraceClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = FolderCluster.of(folder, "n0", "n1");
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

    /** Creates new groups with one member each. */
    private void createGroups(int count) {
        for (int i = 0; i < count; i++) {
            String group = "g" + members.size();
            members.put(group, new MemberStream(channel, group, "t", true));
        }
        await(
                "all members have their partition",
                () -> {
                    members.replaceAll((group, member) ->
                            member.hasEnded()
                                    ? new MemberStream(channel, group, "t", true)
                                    : member);
                    return members.values().stream().allMatch(CoordinatorStabilityIT::isAssigned);
                });
    }

    private static boolean isAssigned(MemberStream member) {
        return !member.all(ResponseCase.ASSIGNED).isEmpty();
    }

    private int nodesKnown() {
        return AdminGrpc.newBlockingStub(channel)
                .describeCluster(DescribeClusterRequest.getDefaultInstance())
                .getNodesCount();
    }

    private Map<String, String> coordinators() {
        return client.groups().list().stream()
                .collect(Collectors.toMap(Summary::group, Summary::coordinator));
    }

    /** Waits until every member received an answer from its coordinator. */
    private void awaitAnswers() {
        for (MemberStream member : members.values()) {
            long sent = member.heartbeat();
            await(
                    "an answer",
                    () -> {
                        member.heartbeat();
                        return member.acknowledgedMessages() >= sent;
                    });
        }
    }

    @Test
    void groupsOfLiveNodesKeepTheirCoordinatorWhileAnotherNodeJoinsAndLeaves() throws Exception {
        createGroups(GROUPS);
        Map<String, String> before = coordinators();
        assertThat(before.values()).contains("n0", "n1");

        cluster.start("n2");
        await("the routing node knows the new node", () -> nodesKnown() == 3);
        awaitAnswers();
        createGroups(GROUPS);
        Map<String, String> meanwhile = coordinators();
        assertThat(meanwhile).containsAllEntriesOf(before).containsValue("n2");

        assertThat(cluster.node("n2").terminate()).isZero();
        awaitAnswers();

        Map<String, String> after = coordinators();
        assertThat(after).hasSize(2 * GROUPS).doesNotContainValue("n2");
        meanwhile.values().removeIf("n2"::equals);
        assertThat(after).containsAllEntriesOf(meanwhile);
        assertThat(members.values())
                .allSatisfy(member -> {
                    assertThat(member.hasEnded()).isFalse();
                    assertThat(member.all(ResponseCase.ASSIGNED)).hasSize(1);
                    assertThat(member.all(ResponseCase.REVOKE)).isEmpty();
                    assertThat(member.all(ResponseCase.LOST)).isEmpty();
                });
    }
}
