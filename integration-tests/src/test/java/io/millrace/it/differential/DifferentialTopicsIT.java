package io.millrace.it.differential;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Administration of topics, settings, quotas, users and ACLs by a broker of Kafka and by Millrace.
 */
@Timeout(240)
class DifferentialTopicsIT extends DifferentialTest {

    @TestFactory
    Stream<DynamicTest> scenariosHaveEqualTranscripts() {
        return Stream.of(
                scenario("creation", TopicScenarios::creation),
                scenario("creation with assignments", TopicScenarios::creationWithAssignments),
                scenario("creation with settings", TopicScenarios::creationWithSettings),
                scenario("deletion", TopicScenarios::deletion),
                scenario("growth", TopicScenarios::growth),
                scenario("deletion of records", TopicScenarios::recordDeletion),
                scenario("description of settings", ConfigScenarios::description),
                scenario("incremental changes", ConfigScenarios::incrementalChanges),
                scenario("replacing changes", ConfigScenarios::replacingChanges),
                scenario("pages of partitions", ClusterScenarios::partitions),
                scenario("directories", ClusterScenarios::directories),
                scenario("cluster", ClusterScenarios::cluster),
                scenario("reassignments", ClusterScenarios::reassignments),
                scenario("producers", ClusterScenarios::producers),
                scenario("quotas", SecurityScenarios::quotas),
                scenario("users", SecurityScenarios::users),
                scenario("ACLs", SecurityScenarios::acls));
    }
}
