package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.GroupDescription;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.protocol.v1.AssignedPartition;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import io.millrace.runtime.SystemAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members that block, lag, or lose a topic, on a real server. */
@SystemAccess("waits for processes in real time")
@Timeout(180)
class GroupMembersIT {

    private static final int VALUE_BYTES = 4 << 10;
    private static final int RECORDS = 1_500;
    private static final int SMALL_BUFFER_BYTES = 256 << 10;

    /**
     * The maximum bytes in flight to a client that does not read: the transport windows and one
     * answer.
     */
    private static final long UNDER_WAY_BYTES = 6 << 20;

    @TempDir static Path folder;
    private static MillraceProcess server;
    private static MillraceClient client;

    @BeforeAll
    static void start() {
        server = MillraceProcess.up(folder.resolve("data"));
        client = MillraceClient.connect(server.address());
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static void produce(String topic, int partitions, int records, int bytes) {
        // Incompressible values.
        Random random = new Random(1);
        try (Producer producer = client.producer()) {
            for (int i = 0; i < records * partitions; i++) {
                byte[] value = new byte[bytes];
                random.nextBytes(value);
                var unused =
                        producer.send(
                                OutgoingRecord.of(topic, null, value)
                                        .withPartition(i % partitions));
            }
            producer.flush();
        }
    }

    private static SubscriptionSettings.Builder member(String group, String... topics) {
        return SubscriptionSettings.of(group, List.of(topics))
                .commitEvery(Duration.ofMillis(100))
                .sessionTimeout(Duration.ofSeconds(20));
    }

    private static Map<TopicPartition, GroupDescription.Partition> described(String group) {
        return client.groups().describe(group).partitions().stream()
                .collect(Collectors.toMap(GroupDescription.Partition::id, each -> each));
    }

    private static GroupDescription.Partition described(String group, TopicPartition partition) {
        return Objects.requireNonNull(described(group).get(partition));
    }

    private static void await(String what, BooleanSupplier so) {
        Eventually.await(() -> what + ": " + server.errors(), so);
    }

    private static long handledRecords(GatedMember... members) {
        return List.of(members).stream()
                .flatMap(member -> member.handled().values().stream())
                .mapToLong(offset -> offset)
                .sum();
    }

    @Test
    void membersThatDoNotReadHoldNoServerMemoryAndDelayNoOther() {
        client.topics().create("still", 2, Map.of());
        long sentBefore = Meters.sum(server, "millrace_subscribe_sent_bytes_total");
        ManagedChannel channel = server.connect();
        try (GatedMember stuck =
                        new GatedMember(
                                client,
                                member("stuck", "still").bufferBytes(SMALL_BUFFER_BYTES).build(),
                                0);
                GatedMember peer = new GatedMember(client, member("shared", "still").build());
                GatedMember stranger = new GatedMember(client, member("other", "still").build())) {
            // A silent member that joined first would keep both partitions.
            await("the peer has joined", () -> peer.assignedPartitions().size() == 2);
            MemberStream silent = new MemberStream(channel, "shared", "still", true);
            await(
                    "the silent one has a share",
                    () ->
                            !silent.all(ResponseCase.ASSIGNED).isEmpty()
                                    && peer.assignedPartitions().size() == 1);
            MemberStream unread = new MemberStream(channel, "unread", "still", false);
            unread.grant();

            produce("still", 2, RECORDS, VALUE_BYTES);

            await("a member of the same group", () -> handledRecords(peer) == RECORDS);
            await("a member of another", () -> handledRecords(stranger) == 2 * RECORDS);
            await(
                    "no answer stays in the making",
                    () -> Meters.sum(server, "millrace_fetch_reply_bytes") == 0);
            long sent = Meters.sum(server, "millrace_subscribe_sent_bytes_total") - sentBefore;
            Map<Integer, Long> sizes =
                    client.topics().describe("still").partitions().stream()
                            .collect(
                                    Collectors.toMap(
                                            TopicOperations.Partition::number,
                                            TopicOperations.Partition::sizeBytes));
            long topicBytes = sizes.values().stream().mapToLong(size -> size).sum();
            long silentsBytes =
                    topicBytes
                            - peer.assignedPartitions().stream()
                                    .mapToLong(its -> sizes.getOrDefault(its.partition(), 0L))
                                    .sum();
            long unhandled = sent - topicBytes * 3 / 2;
            assertThat(silent.all(ResponseCase.BATCHES)).isEmpty();
            assertThat(stuck.handled()).isEmpty();
            assertThat(unhandled).isBetween(1L, UNDER_WAY_BYTES);
            assertThat(2 * topicBytes)
                    .as("the bytes that they could have received")
                    .isGreaterThan(unhandled * 3);

            silent.grant();
            stuck.open();

            await("the silent one's share", () -> silent.bytes() == silentsBytes);
            await("all of the stuck one", () -> handledRecords(stuck) == 2 * RECORDS);
            assertThat(unread.hasEnded()).isFalse();
            System.out.printf(
                    "GroupMembersIT: of 2 x %d KiB, %d KiB are in flight to two members that do not read%n",
                    topicBytes >> 10, unhandled >> 10);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aSlowMemberLagsVisiblyAndStaysInItsGroupWithoutDelayingOthers() {
        Duration sessionTimeout = Duration.ofSeconds(6);
        client.topics().create("slow", 2, Map.of());
        try (GatedMember slow =
                        new GatedMember(
                                client,
                                member("pace", "slow")
                                        .sessionTimeout(sessionTimeout)
                                        .bufferRecords(10)
                                        .build(),
                                1);
                GatedMember fast = new GatedMember(client, member("pace", "slow").build())) {
            await(
                    "one each",
                    () ->
                            slow.assignedPartitions().size() == 1
                                    && fast.assignedPartitions().size() == 1);
            TopicPartition slows = slow.assignedPartitions().iterator().next();
            TopicPartition fasts = fast.assignedPartitions().iterator().next();
            for (int i = 1; i <= 10; i++) {
                long end = i * 50L;
                produce("slow", 2, 50, 10);
                await("the fast one keeps pace", () -> fast.handledTo(fasts) == end);
            }
            await(
                    "the member is slow for longer than its session timeout",
                    () ->
                            described("pace", slows)
                                                    .lag()
                                                    .orElse(Duration.ZERO)
                                                    .compareTo(sessionTimeout.plusSeconds(2))
                                            > 0
                                    && described("pace", fasts).lagRecords().orElse(-1) == 0);
            long done = slow.handledTo(slows);
            assertThat(done).isBetween(1L, 499L);

            String table =
                    MillraceCommandLine.run(
                                    "group", "describe", "pace", "--server", server.address())
                            .ok()
                            .text();

            assertThat(table)
                    .contains("slow\t%d\t500\t500\t0\t".formatted(fasts.partition()))
                    .contains(
                            "slow\t%d\t%d\t500\t%d\t"
                                    .formatted(slows.partition(), done, 500 - done));
            slow.open();
            await(
                    "the member catches up",
                    () -> described("pace", slows).lagRecords().orElse(-1) == 0);
            assertThat(slow.handledTo(slows)).isEqualTo(500);
            assertThat(slow.lostPartitions()).isEmpty();
            assertThat(slow.assignedPartitions()).containsExactly(slows);
        }
    }

    @Test
    void deletionOfOneTopicDoesNotStopTheOther() {
        client.topics().create("gone", 2, Map.of());
        client.topics().create("kept", 2, Map.of());
        try (GatedMember one = new GatedMember(client, member("both", "gone", "kept").build());
                GatedMember two = new GatedMember(client, member("both", "gone", "kept").build())) {
            await(
                    "two each",
                    () ->
                            one.assignedPartitions().size() == 2
                                    && two.assignedPartitions().size() == 2);
            produce("gone", 2, 100, 10);
            produce("kept", 2, 100, 10);
            await(
                    "all is committed",
                    () ->
                            described("both").values().stream()
                                    .allMatch(each -> each.committed().orElse(-1) == 100));

            client.topics().delete("gone");

            Set<TopicPartition> gone = partitions("gone");
            await("the members are notified", () -> lost(one, two).equals(gone));
            assertThat(described("both")).containsOnlyKeys(partitions("kept"));
            produce("kept", 2, 100, 10);
            await(
                    "the other topic is read",
                    () ->
                            described("both").values().stream()
                                    .allMatch(each -> each.committed().orElse(-1) == 200));
            await(
                    "one each",
                    () ->
                            one.assignedPartitions().size() == 1
                                    && two.assignedPartitions().size() == 1);
            assertThat(one.hasEnded() || two.hasEnded()).isFalse();
        }
    }

    @Test
    void aRecreatedTopicIsReadFromItsStart() {
        client.topics().create("again", 2, Map.of());
        ManagedChannel channel = server.connect();
        try (GatedMember one = new GatedMember(client, member("both-lives", "again").build());
                GatedMember two = new GatedMember(client, member("both-lives", "again").build())) {
            MemberStream late = MemberStream.joined(channel, "late", "again");
            await(
                    "one each",
                    () ->
                            one.assignedPartitions().size() == 1
                                    && two.assignedPartitions().size() == 1);
            produce("again", 2, 100, 10);
            await(
                    "all is committed",
                    () ->
                            described("both-lives").values().stream()
                                    .allMatch(each -> each.committed().orElse(-1) == 100));
            late.commit(1, 70);
            await("a commit", () -> late.all(ResponseCase.COMMITTED).size() == 1);

            client.topics().delete("again");
            // Whether or not the member was notified of the revocation.
            late.commit(2, 80);
            await("an answer", () -> late.all(ResponseCase.COMMITTED).size() == 2);
            client.topics().create("again", 2, Map.of());
            await(
                    "they have those of the new topic",
                    () ->
                            starts(late).size() == 4
                                    && one.assignedPartitions().size() == 1
                                    && two.assignedPartitions().size() == 1
                                    && lost(one, two).equals(partitions("again")));
            produce("again", 2, 30, 10);

            await(
                    "all of the new topic is committed",
                    () ->
                            described("both-lives").keySet().equals(partitions("again"))
                                    && described("both-lives").values().stream()
                                            .allMatch(each -> each.committed().orElse(-1) == 30));
            assertThat(late.all(ResponseCase.COMMITTED).getLast().getCommitted().hasError())
                    .isTrue();
            assertThat(described("late").values())
                    .allSatisfy(each -> assertThat(each.committed()).isEmpty());
            assertThat(starts(late)).containsExactly(0L, 0L, 0L, 0L);
            assertThat(one.hasEnded() || two.hasEnded() || late.hasEnded()).isFalse();
        } finally {
            channel.shutdownNow();
        }
    }

    /** Returns the start offsets of every partition that a stream was assigned. */
    private static List<Long> starts(MemberStream stream) {
        return stream.all(ResponseCase.ASSIGNED).stream()
                .flatMap(each -> each.getAssigned().getPartitionsList().stream())
                .map(AssignedPartition::getPosition)
                .toList();
    }

    private static Set<TopicPartition> lost(GatedMember... members) {
        return List.of(members).stream()
                .flatMap(each -> each.lostPartitions().stream())
                .collect(Collectors.toSet());
    }

    private static Set<TopicPartition> partitions(String topic) {
        return Set.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
    }
}
