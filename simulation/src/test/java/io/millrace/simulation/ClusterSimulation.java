package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clusters to which everything happens that a seed can think of. */
final class ClusterSimulation {

    private static final int SEEDS = 2000;

    @BeforeAll
    static void quiet() {
        Quiet.logs();
    }

    @Test
    void keepsEveryPromiseWhateverASeedDoesToIt() throws InterruptedException, ExecutionException {
        List<Simulation.Result> results = Seeds.run(1, SEEDS);

        assertThat(results)
                .filteredOn(result -> result.violation() != null)
                .extracting(Simulation.Result::sentence)
                .isEmpty();
        assertThat(results)
                .filteredOn(result -> result.acknowledged() <= 10 || result.entries() <= 10)
                .as("seeds in which hardly anything happens")
                .hasSizeLessThan(SEEDS / 100);
        assertThat(results)
                .as("plain producers must hear no now and then")
                .anySatisfy(result -> assertThat(result.refused()).isGreaterThan(10));
    }

    @Test
    void oneSeedGivesOneTrace() {
        Set<Long> hashes = new HashSet<>();
        for (long seed = 1; seed <= 50; seed++) {
            long hash = Simulation.run(seed, null).hash();

            assertThat(Simulation.run(seed, null).hash()).as("seed %d", seed).isEqualTo(hash);
            hashes.add(hash);
        }
        assertThat(hashes).hasSize(50);
    }
}
