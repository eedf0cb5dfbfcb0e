package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.invariant.DeletionCount;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Runs clusters with all faults that a seed can choose. The required number of events of each kind
 * over all seeds is far below the usual number, because the seeds change daily.
 */
final class ClusterSimulation {

    private static final SeedPlan PLAN = SeedPlan.of(LocalDate.now(ZoneOffset.UTC));

    @BeforeAll
    static void quiet() {
        SilentLogging.silence();
        System.out.println("Seeds: " + PLAN + ". Repeat with: " + PLAN.repeatCommand());
    }

    @Test
    void noSeedViolatesAPromise() throws InterruptedException, ExecutionException {
        List<Simulation.Result> results = Seeds.run(PLAN.seeds());
        int seeds = results.size();

        assertThat(results)
                .filteredOn(result -> result.violation() != null)
                .extracting(Simulation.Result::describeViolation)
                .as("all seeds again: %s", PLAN.repeatCommand())
                .isEmpty();
        assertThat(results)
                .filteredOn(result -> result.acknowledged() <= 10 || result.entries() <= 10)
                .as("seeds with hardly any events")
                .hasSizeLessThan(seeds / 20);
        assertThat(results)
                .filteredOn(result -> result.restores() <= 2)
                .as("seeds with hardly any restores")
                .hasSizeLessThan(seeds / 20);
        assertThat(results)
                .as("lagging nodes must read unreferenced objects")
                .anySatisfy(result -> assertThat(result.lateReads()).isGreaterThan(5));
        assertThat(results)
                .as("ingest must be delayed when merges are")
                .anySatisfy(result -> assertThat(result.delayed()).isGreaterThan(5));
        assertThat(results)
                .as("ingest must reject when merges stop")
                .anySatisfy(result -> assertThat(result.rejectedForDebt()).isGreaterThan(10));
        assertThat(results)
                .as("some requests of producers without id must be rejected")
                .anySatisfy(result -> assertThat(result.rejected()).isGreaterThan(10));
        assertThat(results)
                .filteredOn(result -> result.multipartUploads() > 10)
                .as("seeds with multipart uploads of merges")
                .hasSizeGreaterThan(seeds / 8);
        assertThat(results)
                .filteredOn(result -> result.skippedInputs() > 0)
                .as("seeds in which merges meet missing or damaged objects")
                .hasSizeGreaterThan(seeds / 100);
        assertThat(results)
                .filteredOn(result -> result.recompressed() > 5)
                .as("seeds in which merges recompress batches")
                .hasSizeGreaterThan(seeds / 8);
        assertThat(results)
                .filteredOn(result -> result.recompressedByKey() > 0)
                .as("seeds in which key compaction changes the codec of batches")
                .hasSizeGreaterThan(seeds / 100);
        assertThat(results)
                .filteredOn(result -> result.recompressedLate() > 0)
                .as("seeds in which a topic changes its codec during a merge")
                .hasSizeGreaterThan(seeds / 50);
        assertThat(results)
                .filteredOn(result -> result.peerReads() > 10)
                .as("seeds in which fetch nodes read chunks from others")
                .hasSizeGreaterThan(seeds / 20);
        assertThat(results)
                .filteredOn(result -> result.deletedByTime() > 10)
                .as("seeds in which retention deletes by time")
                .hasSizeGreaterThan(seeds / 50);
        assertThat(results)
                .filteredOn(result -> result.deletedBySize() > 10)
                .as("seeds in which retention deletes by size")
                .hasSizeGreaterThan(seeds / 50);
        assertThat(results)
                .filteredOn(result -> result.incompleteDeletes() > 0)
                .as("seeds in which a request deletes some objects and not others")
                .hasSizeGreaterThan(seeds / 20);
        assertThat(results)
                .filteredOn(Simulation.Result::restored)
                .as("seeds in which etcd is restored")
                .hasSizeGreaterThan(seeds / 50);
        assertThat(results)
                .filteredOn(result -> result.malformedAccepted() > 0)
                .as("seeds in which malformed batches are stored")
                .hasSizeGreaterThan(seeds / 20);
        assertThat(results)
                .filteredOn(result -> result.expiries() > 0)
                .as("seeds in which producers expire")
                .hasSizeGreaterThan(seeds / 100);
        for (DeletionCount.Kind kind : DeletionCount.Kind.values()) {
            assertThat(results)
                    .filteredOn(result -> result.deletions().containsKey(kind))
                    .as("seeds in which a %s is deleted", kind)
                    .isNotEmpty();
        }
    }

    @Test
    void aSeedDeterminesTheTrace() throws InterruptedException, ExecutionException {
        long[] seeds = PLAN.repeated();
        List<Long> hashes = hashes(seeds);

        assertThat(hashes(seeds)).as("seeds from %d", seeds[0]).isEqualTo(hashes);
        assertThat(hashes).doesNotHaveDuplicates();
    }

    private static List<Long> hashes(long... seeds)
            throws InterruptedException, ExecutionException {
        return Seeds.run(seeds).stream().map(Simulation.Result::hash).toList();
    }
}
