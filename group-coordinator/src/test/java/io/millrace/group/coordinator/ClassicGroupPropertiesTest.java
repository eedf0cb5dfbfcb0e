package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.classic.ClassicDescription;
import io.millrace.group.classic.ClassicState;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Runs random clients against a classic group: they join, vanish, leave, restart and change their
 * protocols, members are removed, and coordinators die. Afterwards, the living members share all
 * partitions. Within a generation that a client was told, no partition is assigned twice.
 */
final class ClassicGroupPropertiesTest {

    private static final int SEEDS = 40;
    private static final int STEPS = 40;

    @Test
    void livingMembersShareAllPartitions() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).run();
        }
    }

    private static final class Run {

        private final long seed;
        private final SplittableRandom random;
        private final CoordinatorWorld world;
        private final Topic topic;
        private final List<ClassicClient> clients = new ArrayList<>();
        private int names;

        Run(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            this.world = new CoordinatorWorld(1, seed);
            this.topic = world.topic("t", 6);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step();
                advance(random.nextInt(5));
                assertNoPartitionIsAssignedTwice("seed %d step %d".formatted(seed, step));
            }
            if (clients.isEmpty()) {
                start("");
            }
            advance(100);
            assertShared();
        }

        private void step() {
            int client = clients.isEmpty() ? -1 : random.nextInt(clients.size());
            switch (random.nextInt(9)) {
                case 0, 1 -> start("");
                case 2 -> start("instance-" + random.nextInt(3));
                case 3 -> {
                    if (client >= 0) {
                        clients.remove(client).leave();
                    }
                }
                case 4 -> {
                    if (client >= 0) {
                        clients.remove(client);
                    }
                }
                case 5 -> {
                    if (client >= 0) {
                        ClassicClient its = clients.get(client);
                        its.protocols =
                                random.nextBoolean()
                                        ? its.protocols("sticky", "range")
                                        : its.protocols("range");
                        its.join();
                    }
                }
                case 6 -> {
                    if (client >= 0) {
                        propose(
                                new Command.MembersRemoved(
                                        "g", List.of(clients.get(client).id + "")));
                    }
                }
                case 7 -> {
                    if (random.nextInt(3) == 0) {
                        replaceCoordinator();
                    }
                }
                default -> {}
            }
        }

        private void propose(Command command) {
            world.first().metadata.metadata().propose(command, Priority.BACKGROUND);
        }

        /** Starts a client; the former process of its instance has ended. */
        private void start(String instanceId) {
            if (!instanceId.isEmpty()) {
                clients.removeIf(other -> other.instanceId.equals(instanceId));
            }
            if (clients.size() < 6) {
                ClassicClient client =
                        new ClassicClient(
                                world::settle,
                                "c" + names++,
                                instanceId,
                                world.first().coordinator.classicGroups(),
                                topic);
                clients.add(client);
                client.join();
            }
        }

        private void replaceCoordinator() {
            CoordinatorWorld.Node former = world.first();
            CoordinatorWorld.Node next = world.add();
            world.advance(Duration.ofSeconds(1));
            former.isLive = false;
            world.nodes.remove(former);
            next.metadata
                    .metadata()
                    .propose(
                            new Command.IncarnationClosed(former.metadata.metadata().incarnation()),
                            Priority.BACKGROUND);
            world.advance(Duration.ofSeconds(1));
            for (ClassicClient client : clients) {
                client.groups = next.coordinator.classicGroups();
                if (client.isWaiting() || client.id.isEmpty()) {
                    client.join();
                }
            }
        }

        private void advance(int seconds) {
            for (int i = 0; i < seconds; i++) {
                world.advance(Duration.ofSeconds(1));
                for (ClassicClient client : clients) {
                    if (!client.isWaiting() && !client.id.isEmpty()) {
                        client.heartbeat();
                    } else if (!client.isWaiting() || client.failed()) {
                        client.join();
                    }
                }
            }
        }

        private void assertNoPartitionIsAssignedTwice(String when) {
            Map<Integer, Set<String>> byGeneration = new TreeMap<>();
            for (ClassicClient client : clients) {
                if (client.assignment.isEmpty() || client.text().equals("[]")) {
                    continue;
                }
                Set<String> given =
                        byGeneration.computeIfAbsent(client.generation, any -> new HashSet<>());
                for (String partition : client.text().replaceAll("[\\[\\] ]", "").split(",")) {
                    assertThat(partition.isEmpty() || given.add(partition))
                            .as(
                                    "%s: partition %s of generation %d",
                                    when, partition, client.generation)
                            .isTrue();
                }
            }
        }

        private void assertShared() {
            String when = "seed " + seed;
            ClassicDescription group =
                    world.first().coordinator.classicGroups().describe("g").orElseThrow();
            assertThat(group.state()).as(when).isEqualTo(ClassicState.STABLE);
            Group log = world.group();
            assertThat(log.members())
                    .as(when)
                    .extracting(GroupMember::id)
                    .containsExactlyInAnyOrderElementsOf(
                            clients.stream().map(client -> client.id).toList());
            for (int partition = 0; partition < topic.partitionCount(); partition++) {
                String holder = log.lease(topic.id(), partition).map(Lease::member).orElse("none");
                int number = partition;
                assertThat(
                                clients.stream()
                                        .filter(client -> client.id.equals(holder))
                                        .map(ClassicClient::text))
                        .as("%s partition %d", when, partition)
                        .singleElement()
                        .satisfies(text ->
                                assertThat(text.replaceAll("[\\[\\] ]", "").split(","))
                                        .contains(number + ""));
            }
        }
    }
}
