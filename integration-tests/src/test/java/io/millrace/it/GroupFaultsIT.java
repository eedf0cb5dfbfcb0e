package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.it.GroupEvent.Kind;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.protocol.Edge;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members of one group that come, leave, are killed and are stopped, while their coordinators are
 * killed and etcd goes away: two never work on one partition, everything is handled, and what was
 * given up in order is handled once.
 */
@Edge("waits for processes in real time")
@Timeout(300)
class GroupFaultsIT {

    private static final int PARTITIONS = 6;
    private static final int SESSION_SECONDS = 5;
    private static final int MOST_MEMBERS = 4;
    private static final Duration LASTS = Duration.ofSeconds(40);
    private static final Duration ETCD_AWAY = Duration.ofSeconds(6);
    private static final int PATIENT_SECONDS = 45;
    private static final Duration ETCD_LONG_AWAY = Duration.ofSeconds(30);

    /** What a busy machine may add to anything. */
    private static final Duration SLACK = Duration.ofSeconds(10);

    @TempDir Path folder;
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final int[] ports = {MillraceProcess.portThatStays(), MillraceProcess.portThatStays()};
    private final MillraceProcess[] nodes = new MillraceProcess[2];
    private final List<MemberProcess> members = new ArrayList<>();
    private final List<MemberProcess> alive = new ArrayList<>();
    private final List<String> killed = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private EtcdServer etcd;

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"), 1);
        List<MillraceProcess> ready = MillraceProcess.allReady(List.of(launch(0), launch(1)));
        nodes[0] = ready.getFirst();
        nodes[1] = ready.getLast();
        nodes[0].createTopic("t", PARTITIONS);
    }

    @AfterEach
    void stop() throws Exception {
        members.forEach(MemberProcess::close);
        for (MillraceProcess node : nodes) {
            node.close();
        }
        etcd.close();
    }

    private MillraceProcess.Launched launch(int node) {
        return MillraceProcess.launchNode(
                ports[node],
                Map.of("MILLRACE_NODE_LIFE_S", "2"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                "n" + node,
                "--roles",
                "ingest,fetch");
    }

    private String servers() {
        return Arrays.stream(nodes).map(MillraceProcess::address).collect(Collectors.joining(","));
    }

    private void comes() throws IOException {
        comes(SESSION_SECONDS);
    }

    private void comes(int sessionSeconds) throws IOException {
        MemberProcess member =
                MemberProcess.start(
                        "m" + members.size(), folder, servers(), "t", "g", sessionSeconds);
        members.add(member);
        alive.add(member);
        log.add(member.name() + " comes");
    }

    private MemberProcess any() {
        return alive.get(random.nextInt(alive.size()));
    }

    private void leaves() throws IOException {
        MemberProcess member = any();
        alive.remove(member);
        member.tellToEnd();
        log.add(member.name() + " leaves");
    }

    private void isKilled() throws InterruptedException {
        MemberProcess member = any();
        alive.remove(member);
        member.kill();
        killed.add(member.name());
        log.add(member.name() + " is killed");
    }

    private void sleeps() throws IOException, InterruptedException {
        MemberProcess member = any();
        Duration length = Duration.ofMillis(500 + random.nextInt(6_000));
        log.add(member.name() + " sleeps for " + length.toMillis() + " ms");
        member.pause();
        pass(length);
        member.resume();
    }

    private void nodeIsKilled() {
        int which = random.nextInt(nodes.length);
        nodes[which].kill();
        nodes[which] = launch(which).awaitReady();
        log.add("n" + which + " is killed and started again");
    }

    private void etcdGoesAway(Duration time) throws Exception {
        etcd.kill();
        pass(time);
        etcd.restart();
        log.add("etcd is away for " + time.toSeconds() + " s");
    }

    private static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void somethingHappens() throws Exception {
        int what = random.nextInt(100);
        if (alive.size() < 2 || what < 25 && alive.size() < MOST_MEMBERS) {
            comes();
        } else if (what < 45) {
            leaves();
        } else if (what < 65) {
            isKilled();
        } else if (what < 90) {
            sleeps();
        } else {
            nodeIsKilled();
        }
    }

    @Test
    void noTwoMembersEverWorkOnOnePartitionAndEverythingIsHandled() throws Exception {
        // The writer is to lose no time: a node is always there for it.
        try (MillraceClient client = MillraceClient.connect(servers());
                SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS)) {
            for (int i = 0; i < MOST_MEMBERS; i++) {
                comes();
            }
            long end = System.nanoTime() + LASTS.toNanos();
            boolean etcdWasAway = false;
            while (System.nanoTime() < end) {
                pass(Duration.ofMillis(random.nextInt(3_000)));
                somethingHappens();
                if (!etcdWasAway && end - System.nanoTime() < LASTS.toNanos() / 2) {
                    etcdWasAway = true;
                    etcdGoesAway(ETCD_AWAY);
                }
            }
            int[] ends = ends(writer);
            awaitHandled(ends);
            allLeave();
            GroupHistory whole = read();
            assertThat(whole.violation()).as("seed %d: %s", seed, log).isEmpty();
            assertThat(committed(client)).containsExactly(ends);
            System.out.printf(
                    "GroupFaultsIT: %d records; %d members and %d changes of hands in: %s%n",
                    Arrays.stream(ends).sum(),
                    members.size(),
                    whole.tenancies(),
                    String.join("; ", log));
        }
    }

    @Test
    void whoLeavesOrIsKilledDisturbsNobodyElse() throws Exception {
        try (MillraceClient client = MillraceClient.connect(servers());
                SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS)) {
            for (int i = 0; i < 3; i++) {
                comes();
            }
            awaitShares();
            long[] leaving = measure(alive.removeFirst(), MemberProcess::tellToEnd);
            comes();
            await("it has a share", () -> read().partitionsOf(alive.getLast().name()).size() == 2);
            long[] dying = measure(alive.removeFirst(), MemberProcess::kill);
            awaitHandled(ends(writer));
            System.out.printf(
                    "GroupFaultsIT: one leaves: read on after %d ms, others pause %d ms at most; one is killed, with a session timeout of %d s: read on after %d ms, others pause %d ms at most%n",
                    leaving[0], leaving[1], SESSION_SECONDS, dying[0], dying[1]);
            assertThat(leaving[0]).isLessThan(SLACK.toMillis());
            assertThat(dying[0]).isLessThan(SLACK.plusSeconds(SESSION_SECONDS).toMillis());
            assertThat(Math.max(leaving[1], dying[1])).isLessThan(SLACK.toMillis());
        }
    }

    @Test
    void nobodyGivesAnythingUpWhileEtcdIsAwayForLessThanTheSessionTimeout() throws Exception {
        try (MillraceClient client = MillraceClient.connect(servers());
                SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS)) {
            for (int i = 0; i < 3; i++) {
                comes(PATIENT_SECONDS);
            }
            awaitShares();
            List<String> handsBefore = changesOfHands();
            int[] committedBefore = committed(client);

            etcdGoesAway(ETCD_LONG_AWAY);

            int[] ends = ends(writer);
            awaitHandled(ends);
            assertThat(changesOfHands()).as(this::errors).isEqualTo(handsBefore);
            for (int i = 0; i < PARTITIONS; i++) {
                assertThat(ends[i]).isGreaterThan(committedBefore[i]);
            }
            allLeave();
            assertThat(read().violation()).isEmpty();
            assertThat(committed(client)).containsExactly(ends);
        }
    }

    private void awaitShares() {
        await(
                "all have a share",
                () -> shares().values().stream().allMatch(share -> share.size() == 2));
    }

    /** Whatever members were told of which partitions are theirs. */
    private List<String> changesOfHands() {
        return members.stream()
                .flatMap(member ->
                        member.events().stream()
                                .filter(event ->
                                        event.kind() != Kind.BEGUN && event.kind() != Kind.HANDLED)
                                .map(event -> member.name() + ": " + event))
                .toList();
    }

    private void allLeave() throws IOException, InterruptedException {
        for (MemberProcess member : List.copyOf(alive)) {
            alive.remove(member);
            member.tellToEnd();
            member.mustEnd();
        }
    }

    /** The end of a member. */
    private interface End {
        void of(MemberProcess member) throws Exception;
    }

    /**
     * Ends a member, and sees that the partitions of the others stay where they are.
     *
     * @return in milliseconds, how long it took until all of its partitions were read again, and
     *     the longest pause of any other
     */
    private long[] measure(MemberProcess member, End end) throws Exception {
        Set<Integer> moving = read().partitionsOf(member.name());
        Map<String, Set<Integer>> staying = shares();
        long from = System.nanoTime();
        end.of(member);
        await(
                "others read on",
                () ->
                        moving.stream()
                                .allMatch(partition ->
                                        staying.keySet().stream()
                                                .anyMatch(one ->
                                                        read().partitionsOf(one)
                                                                .contains(partition))));
        GroupHistory after = read();
        staying.forEach(
                (name, partitions) -> assertThat(after.partitionsOf(name)).containsAll(partitions));
        long to =
                moving.stream()
                        .mapToLong(partition -> after.begunByOthers(partition, member.name(), from))
                        .max()
                        .orElseThrow();
        long pause =
                staying.values().stream()
                        .flatMap(Set::stream)
                        .mapToLong(partition -> after.longestPauseNanos(partition, from, to))
                        .max()
                        .orElseThrow();
        return new long[] {(to - from) / 1_000_000, pause / 1_000_000};
    }

    private Map<String, Set<Integer>> shares() {
        GroupHistory now = read();
        return alive.stream()
                .collect(
                        Collectors.toMap(MemberProcess::name, one -> now.partitionsOf(one.name())));
    }

    private String errors() {
        return members.stream().map(MemberProcess::errors).collect(Collectors.joining("\n"))
                + Arrays.stream(nodes)
                        .map(MillraceProcess::errors)
                        .collect(Collectors.joining("\n"));
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as(() -> what + ": " + shares() + errors())
                    .isNegative();
            pass(Duration.ofMillis(100));
        }
    }

    private static int[] ends(SteadyWriter writer) throws InterruptedException {
        int[] ends = new int[PARTITIONS];
        for (Place place : writer.end()) {
            ends[place.partition()] =
                    Math.max(ends[place.partition()], Math.toIntExact(place.offset()) + 1);
        }
        return ends;
    }

    private void awaitHandled(int[] ends) {
        await(
                "all is handled; seed %d: %s".formatted(seed, log),
                () -> {
                    GroupHistory now = read();
                    return IntStream.range(0, PARTITIONS)
                            .allMatch(partition -> now.handledTo(partition) >= ends[partition]);
                });
    }

    private GroupHistory read() {
        GroupHistory whole = new GroupHistory();
        killed.forEach(whole::killed);
        members.forEach(member -> whole.add(member.name(), member.events()));
        return whole;
    }

    private static int[] committed(MillraceClient client) {
        int[] committed = new int[PARTITIONS];
        client.groups()
                .describe("g")
                .partitions()
                .forEach(each ->
                        committed[each.id().partition()] =
                                Math.toIntExact(each.committed().orElse(-1)));
        return committed;
    }
}
