package io.millrace.it.differential;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups of both protocols and their offsets at a broker of Kafka and at Millrace. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class DifferentialGroupsIT {

    @TempDir static Path folder;
    private BrokerPair pair;

    @BeforeAll
    void start() throws Exception {
        pair = BrokerPair.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        pair.close();
    }

    @TestFactory
    Stream<DynamicTest> scenariosHaveEqualTranscripts() {
        return Stream.of(
                // First, because it lists all groups.
                scenario("lists", GroupListScenarios::lists),
                scenario("descriptions", GroupListScenarios::descriptions),
                scenario("deletions", GroupListScenarios::deletions),
                scenario("coordinators", GroupListScenarios::coordinators),
                scenario("rebalances", ClassicScenarios::rebalances),
                scenario("protocols", ClassicScenarios::protocols),
                scenario("static members", ClassicScenarios::staticMembers),
                scenario("commits", OffsetScenarios::commits),
                scenario("commits of members", OffsetScenarios::commitsOfMembers),
                scenario("committed offsets", OffsetScenarios::committedOffsets),
                scenario("deletion of offsets", OffsetScenarios::deletion),
                scenario("heartbeats of KIP-848", ConsumerScenarios::heartbeats),
                scenario("fields of heartbeats", ConsumerScenarios::fields),
                scenario("reconciliation", ConsumerScenarios::reconciliation),
                scenario("instances of KIP-848", ConsumerScenarios::instances),
                scenario("offsets of KIP-848", ConsumerScenarios::offsets),
                scenario("kinds of groups", ConsumerScenarios::kinds));
    }

    private DynamicTest scenario(String name, BrokerPair.Scenario scenario) {
        return DynamicTest.dynamicTest(name, () -> pair.compare(scenario));
    }
}
