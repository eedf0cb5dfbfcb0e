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
                .filteredOn(result -> result.restores() <= 2)
                .as("seeds in which hardly anything is restored")
                .hasSizeLessThan(SEEDS / 100);
        assertThat(results)
                .as("nodes that lag must read what the others let go of")
                .anySatisfy(result -> assertThat(result.lateReads()).isGreaterThan(5));
        assertThat(results)
                .as("ingest must slow down, and stop, where merges do")
                .anySatisfy(result -> {
                    assertThat(result.slowed()).isGreaterThan(5);
                    assertThat(result.refusedForDebt()).isGreaterThan(20);
                });
        assertThat(results)
                .as("plain producers must hear no now and then")
                .anySatisfy(result -> assertThat(result.refused()).isGreaterThan(10));
        assertThat(results)
                .filteredOn(result -> result.uploadsInParts() > 10)
                .as("seeds in which merges upload in parts")
                .hasSizeGreaterThan(SEEDS / 4);
        assertThat(results)
                .filteredOn(result -> result.inputsLeftOut() > 0)
                .as("seeds in which merges meet what is missing or damaged")
                .hasSizeGreaterThan(SEEDS / 50);
        assertThat(results)
                .filteredOn(result -> result.recompressed() > 5)
                .as("seeds in which merges compress batches anew")
                .hasSizeGreaterThan(SEEDS / 8);
        assertThat(results)
                .filteredOn(result -> result.recompressedByKey() > 0)
                .as("seeds in which batches that lose records get another compression")
                .hasSizeGreaterThan(SEEDS / 100);
        assertThat(results)
                .filteredOn(result -> result.recompressedLate() > 0)
                .as("seeds in which a topic asks for something else during a merge")
                .hasSizeGreaterThan(SEEDS / 50);
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
