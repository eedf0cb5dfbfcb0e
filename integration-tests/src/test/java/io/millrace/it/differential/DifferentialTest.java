package io.millrace.it.differential;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A test whose scenarios share a broker of Kafka and a Millrace process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DifferentialTest {

    private BrokerPair pair;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        pair = BrokerPair.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        pair.close();
    }

    BrokerPair pair() {
        return pair;
    }

    DynamicTest scenario(String name, BrokerPair.Scenario scenario) {
        return DynamicTest.dynamicTest(name, () -> pair.compare(scenario));
    }
}
