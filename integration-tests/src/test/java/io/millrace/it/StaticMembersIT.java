package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.it.GroupEvent.Kind;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import io.millrace.storage.TestScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes with the same instance id, one after another and at the same time, on a real server.
 */
@Timeout(180)
class StaticMembersIT {

    private static final int PARTITIONS = 4;
    private static final String NAME = "its-name";

    @TempDir static Path folder;
    private static MillraceProcess server;
    private static MillraceClient client;
    private String test;

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

    @BeforeEach
    void createTopic(TestInfo info) throws IOException {
        test = info.getTestMethod().orElseThrow().getName();
        Files.createDirectories(folder.resolve(test));
        client.topics().create(test, PARTITIONS, Map.of());
    }

    /** Starts a member of the test's group, which reads the test's topic. */
    private MemberProcess process(String name, String instanceId) throws IOException {
        return MemberProcess.start(
                name, folder.resolve(test), server.address(), test, test, 60, instanceId);
    }

    private static void await(String what, BooleanSupplier so) {
        Eventually.await(() -> what + ": " + server.errors(), so);
    }

    private static void awaitHandled(int[] ends, MemberProcess... members) {
        await(
                "nothing is lost",
                () -> {
                    GroupHistory now = history(members);
                    return IntStream.range(0, PARTITIONS)
                            .allMatch(partition -> now.handledTo(partition) == ends[partition]);
                });
    }

    private static List<GroupEvent> assignmentEvents(MemberProcess member) {
        return member.events().stream()
                .filter(event ->
                        event.kind() != Kind.BATCH_RECEIVED && event.kind() != Kind.HANDLED)
                .toList();
    }

    private static GroupHistory history(MemberProcess... members) {
        GroupHistory whole = new GroupHistory();
        whole.killed("before");
        for (MemberProcess member : members) {
            whole.add(member.name(), member.events());
        }
        return whole;
    }

    @Test
    void aKilledStaticMemberKeepsItsPartitionsAfterARestart() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(client, test, PARTITIONS);
                MemberProcess before = process("before", NAME);
                MemberProcess other = process("other", "")) {
            awaitTwoEach(before, other);
            Set<Integer> its = history(before, other).partitionsOf("before");
            before.kill();
            List<GroupEvent> hands = assignmentEvents(other);
            long killedNanos = System.nanoTime();
            try (MemberProcess after = process("after", NAME)) {
                await(
                        "the restarted process continues",
                        () -> history(before, other, after).partitionsOf("after").equals(its));
                long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNanos);
                awaitHandled(writer.ends(), before, other, after);
                assertThat(history(before, other, after).violation()).isEmpty();
                assertThat(assignmentEvents(other)).isEqualTo(hands);
                assertThat(assignmentEvents(after))
                        .allMatch(event -> event.kind() == Kind.ASSIGNED)
                        .hasSize(2);
                assertThat(client.groups().describe(test).members()).hasSize(2);
                System.out.printf(
                        "StaticMembersIT: continued %d ms after kill -9 with its partitions%n",
                        taken);
            }
        }
    }

    @Test
    @Tag(TestScale.FULL)
    void aReplacedStaticMemberEndsWithoutLoss() throws Exception {
        try (SteadyWriter writer = new SteadyWriter(client, test, PARTITIONS);
                MemberProcess before = process("before", NAME);
                MemberProcess other = process("other", "")) {
            awaitTwoEach(before, other);
            Set<Integer> its = history(before, other).partitionsOf("before");
            List<GroupEvent> hands = assignmentEvents(other);
            try (MemberProcess after = process("after", NAME)) {
                before.awaitEndWith(Reason.INSTANCE_REPLACED);
                await(
                        "the new process continues with the partitions",
                        () -> history(before, other, after).partitionsOf("after").equals(its));
                int[] ends = writer.ends();
                awaitHandled(ends, before, other, after);
                assertThat(assignmentEvents(other)).isEqualTo(hands);
                assertThat(assignmentEvents(after))
                        .allMatch(event -> event.kind() == Kind.ASSIGNED)
                        .hasSize(2);
                assertThat(client.groups().describe(test).members()).hasSize(2);
                for (MemberProcess member : List.of(after, other)) {
                    member.requestEnd();
                    member.awaitProperEnd();
                }
                assertThat(committed()).containsExactly(ends);
            }
        }
    }

    @Test
    @Tag(TestScale.FULL)
    void aStaticMemberThatDoesNotAcceptReplacesNoOther() throws Exception {
        ManagedChannel channel = server.connect();
        try (SteadyWriter writer = new SteadyWriter(client, test, PARTITIONS);
                MemberProcess before = process("before", NAME);
                MemberProcess other = process("other", "")) {
            awaitTwoEach(before, other);
            List<GroupEvent> its = assignmentEvents(before);
            List<GroupEvent> others = assignmentEvents(other);
            MemberStream gone = MemberStream.ofInstance(channel, test, test, NAME);
            await("an invitation", () -> !gone.all(ResponseCase.INVITED).isEmpty());
            awaitHandled(writer.ends(), before, other);

            assertThat(gone.all(ResponseCase.JOINED)).isEmpty();
            assertThat(assignmentEvents(before)).isEqualTo(its);
            assertThat(assignmentEvents(other)).isEqualTo(others);
            for (MemberProcess member : List.of(before, other)) {
                member.requestEnd();
                member.awaitProperEnd();
            }
        } finally {
            channel.shutdownNow();
        }
    }

    private static void awaitTwoEach(MemberProcess process, MemberProcess other) {
        await(
                "two each",
                () -> {
                    GroupHistory now = history(process, other);
                    return now.partitionsOf(process.name()).size() == 2
                            && now.partitionsOf(other.name()).size() == 2;
                });
    }

    private int[] committed() {
        return client.groups().describe(test).partitions().stream()
                .mapToInt(each -> Math.toIntExact(each.committed().orElse(-1)))
                .toArray();
    }
}
