package io.millrace.it.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Drawn requests of every offered API and version, to a broker of Kafka and to Millrace. The
 * property {@code millrace.seed} repeats a printed seed, and {@code millrace.differential.seeds}
 * sets the number of seeds that follow from it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(1_800)
class DifferentialSeedIT {

    private static final int SEEDS = 3;
    private static final int SEEDS_AT_FULL_SCALE = 100;

    @TempDir static Path folder;
    private BrokerPair pair;
    private List<ApiVersion> offered = List.of();

    @BeforeAll
    void start() throws Exception {
        pair = BrokerPair.start(folder);
        offered = pair.offered();
        assertThat(offered).hasSizeGreaterThan(30);
    }

    @AfterAll
    void stop() throws Exception {
        pair.close();
    }

    @TestFactory
    Stream<DynamicTest> drawnRequestsHaveEqualAnswers() {
        long first = TestScale.seed(getClass());
        int seeds =
                Integer.getInteger(
                        "millrace.differential.seeds", TestScale.count(SEEDS, SEEDS_AT_FULL_SCALE));
        return LongStream.range(first, first + seeds)
                .boxed()
                .flatMap(seed ->
                        Arrays.stream(DrawnScenario.Area.values()).map(area -> test(area, seed)));
    }

    private DynamicTest test(DrawnScenario.Area area, long seed) {
        return DynamicTest.dynamicTest(
                "-Dmillrace.seed=%d, %s".formatted(seed, area),
                () -> pair.compare(new DrawnScenario(area, seed, offered)));
    }
}
