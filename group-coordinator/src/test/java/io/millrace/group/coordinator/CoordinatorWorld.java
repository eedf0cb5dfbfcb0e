package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.group.GroupMetrics;
import io.millrace.group.LocalNode;
import io.millrace.group.MemberDetails;
import io.millrace.group.TestMember;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Coordinators on several nodes with one in-memory log, in virtual time. One thread. */
public final class CoordinatorWorld {

    public static final Duration SESSION = Duration.ofSeconds(10);
    static final Duration RELEASE = Duration.ofSeconds(20);
    static final Duration LIFE = Duration.ofSeconds(5);
    static final Duration BEAT = Duration.ofSeconds(3);

    /** A node with its copy of the metadata. */
    public final class Node {
        public final String name;
        public final MetadataFixture metadata;
        public final FaultyMetadata faults;
        public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        public final GroupCoordinator coordinator;
        public boolean isLive = true;

        Node(String name, long seed) {
            this.name = name;
            metadata = new MetadataFixture(loop, storage, seed);
            faults = new FaultyMetadata(metadata.metadata());
            GroupMetrics metrics = new GroupMetrics(registry);
            coordinator =
                    new GroupCoordinator(
                            faults,
                            new LocalNode(
                                    CoordinatorWorld.this::members, () -> name, () -> isLive, LIFE),
                            key -> "",
                            new GroupCommits(faults, metrics),
                            new Random(seed),
                            metrics);
            coordinator.open();
        }

        /**
         * Cuts the node off from its members; the node learns that it was declared dead, and keeps
         * running. The other nodes are notified at once.
         */
        void fence() {
            isLive = false;
            cutOff();
        }

        /** Cuts the node off from its members; the other nodes are notified at once. */
        void cutOff() {
            nodes.remove(this);
            for (TestMember member : following) {
                if (member.at == coordinator && member.session != null) {
                    member.cut();
                    followLater(member, "");
                }
            }
        }

        /** Closes the node's incarnation in the log. */
        public void close() {
            first().metadata
                    .metadata()
                    .propose(
                            new Command.IncarnationClosed(metadata.metadata().incarnation()),
                            Priority.BACKGROUND);
        }
    }

    public final SimulatedEventLoop loop = new SimulatedEventLoop();
    final InMemoryMetadataLog.Storage storage = new InMemoryMetadataLog.Storage();
    public final List<Node> nodes = new ArrayList<>();

    /** The members that look for a new coordinator whenever they lose theirs. */
    final List<TestMember> following = new ArrayList<>();

    private long seed;

    public CoordinatorWorld(int count, long seed) {
        this.seed = seed * 100;
        for (int i = 0; i < count; i++) {
            add();
        }
        advance(Duration.ofSeconds(2));
    }

    Node add() {
        Node node = new Node("n" + nodes.size() + "-" + seed, ++seed);
        nodes.add(node);
        return node;
    }

    public Node first() {
        return nodes.getFirst();
    }

    public List<RegisteredNode> members() {
        List<RegisteredNode> members = new ArrayList<>();
        for (Node node : nodes) {
            members.add(
                    new RegisteredNode(
                            node.name,
                            node.metadata.metadata().incarnation(),
                            EnumSet.allOf(Role.class),
                            "",
                            node.name + ".host",
                            7000,
                            FeatureLevels.ALL.newest(),
                            members.size()));
        }
        return members;
    }

    public void advance(Duration time) {
        loop.advance(time);
    }

    /** Runs all tasks that are due now. */
    public void settle() {
        loop.advance(Duration.ofMillis(5));
    }

    public Topic topic(String name, int partitions) {
        return first().metadata.createTopic(name, partitions);
    }

    public static MemberDetails subscribedTo(String... topics) {
        return details(TopicSubscription.to(List.of(topics)));
    }

    static MemberDetails matching(String pattern) {
        return details(new TopicSubscription(Set.of(), pattern));
    }

    static MemberDetails details(TopicSubscription subscription) {
        return of(subscription, "");
    }

    /** Details of a client with a run id. */
    static MemberDetails detailsWithRun(String run, String... topics) {
        return of(TopicSubscription.to(List.of(topics)), run);
    }

    private static MemberDetails of(TopicSubscription subscription, String run) {
        return new MemberDetails(
                subscription, AssignmentStrategy.STICKY, SESSION, RELEASE, "", "test", run);
    }

    /** Joins a new member that sends heartbeats. */
    TestMember join(MemberDetails details) {
        return join("", details);
    }

    TestMember join(String instanceId, MemberDetails details) {
        TestMember member = new TestMember(loop, "g", instanceId, details);
        member.join(first().coordinator, true);
        member.keepSendingHeartbeats(BEAT);
        settle();
        return member;
    }

    /** Joins a new member that finds the coordinator on any node. */
    TestMember joinViaAnyNode(String instanceId, MemberDetails details) {
        TestMember member = startJoin(instanceId, details);
        advance(Duration.ofSeconds(3));
        return member;
    }

    /** Like {@link #joinViaAnyNode}, without waiting. */
    TestMember startJoin(String instanceId, MemberDetails details) {
        TestMember member = new TestMember(loop, "g", instanceId, details);
        following.add(member);
        member.afterEnd =
                problem -> {
                    if (problem.retriable()) {
                        followLater(member, problem.details().getOrDefault("node", ""));
                    }
                };
        member.join(first().coordinator, true);
        member.keepSendingHeartbeats(BEAT);
        return member;
    }

    /** Stops driving the member. */
    void stopDriving(TestMember member) {
        following.remove(member);
        member.cut();
    }

    private void followLater(TestMember member, String node) {
        loop.schedule(
                Duration.ofMillis(200),
                () -> {
                    if (!following.contains(member) || nodes.isEmpty()) {
                        return;
                    }
                    Node next =
                            nodes.stream()
                                    .filter(candidate -> candidate.name.equals(node))
                                    .findFirst()
                                    .orElse(first());
                    member.join(next.coordinator, true);
                    member.keepSendingHeartbeats(BEAT);
                });
    }

    /** Returns the node that coordinates the group. */
    public Node coordinator() {
        long incarnation = group().coordinator().orElseThrow();
        return nodes.stream()
                .filter(node -> node.metadata.metadata().incarnation() == incarnation)
                .findFirst()
                .orElseThrow();
    }

    public Group group() {
        return first().metadata.metadata().groups().group("g").orElseThrow();
    }

    public static Set<PartitionId> partitions(Topic topic, int... numbers) {
        Set<PartitionId> keys = new TreeSet<>();
        (numbers.length == 0 ? IntStream.range(0, topic.partitionCount()) : IntStream.of(numbers))
                .forEach(number -> keys.add(new PartitionId(topic.id(), number)));
        return keys;
    }

    /** Asserts that each partition of a topic is owned by exactly one of these members. */
    static void assertOwned(Topic topic, TestMember... members) {
        List<PartitionId> owned = new ArrayList<>();
        for (TestMember member : members) {
            owned.addAll(member.owned.keySet());
        }
        assertThat(owned).containsExactlyInAnyOrderElementsOf(partitions(topic));
    }
}
