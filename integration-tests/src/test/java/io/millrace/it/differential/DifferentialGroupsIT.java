package io.millrace.it.differential;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Groups of both protocols and their offsets at a broker of Kafka and at Millrace. */
@Timeout(240)
class DifferentialGroupsIT extends DifferentialTest {

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
}
