package io.millrace.it.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.TestScale;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Drawn requests of every offered API and version, to a broker of Kafka and to Millrace. Builds
 * have the same seeds each time, so that a difference found by chance does not fail an unchanged
 * tree. The property {@code millrace.seed} sets the first seed, as the name of a failed test has
 * it, and {@code millrace.differential.seeds} the number of seeds.
 */
@Timeout(1_800)
class DifferentialSeedIT extends DifferentialTest {

    private static final int SEEDS = 3;
    private static final int SEEDS_AT_FULL_SCALE = 20;

    @TestFactory
    Stream<DynamicTest> drawnRequestsHaveEqualAnswers() {
        List<ApiVersion> offered = pair().offered();
        assertThat(offered).hasSizeGreaterThan(30);
        long first = Long.getLong("millrace.seed", 1);
        int seeds =
                Integer.getInteger(
                        "millrace.differential.seeds", TestScale.count(SEEDS, SEEDS_AT_FULL_SCALE));
        return LongStream.range(first, first + seeds)
                .boxed()
                .flatMap(seed ->
                        Arrays.stream(DrawnScenario.Area.values())
                                .map(area ->
                                        scenario(
                                                "-Dmillrace.seed=%d, %s".formatted(seed, area),
                                                new DrawnScenario(area, seed, offered))));
    }
}
