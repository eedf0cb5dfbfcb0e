package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.it.RolloutCluster.Pod;
import io.millrace.it.RolloutCluster.Version;
import io.millrace.storage.TestScale;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the replacement of processes as Kubernetes replaces pods, under paced producers and {@code
 * verify}: no record is lost, and no producer waits for more than two seconds.
 */
@Tag(TestScale.FULL)
@Tag("serial")
@Timeout(300)
class RolloutIT {

    private static final double MAX_PAUSE_SECONDS = 2;
    private static final String TOPIC = "rollout";
    private static final String ACCEPTED = "millrace_ingest_in_records_total";

    /** Records of a measurement, enough that each node has some of them. */
    private static final int MIN_RECORDS = 100;

    @TempDir Path folder;

    private static Pod ingest(int number, String zone) {
        return new Pod("ingest-" + number, "ingest", zone);
    }

    private static Pod fetch(int number, String zone) {
        return new Pod("fetch-" + number, "fetch", zone);
    }

    private interface Step {
        void run(RolloutCluster pods) throws Exception;
    }

    private void underLoad(String what, Step step) throws Exception {
        try (RolloutCluster pods = new RolloutCluster(folder)) {
            pods.start(
                    Version.CURRENT, ingest(1, "a"), ingest(2, "b"), fetch(1, "a"), fetch(2, "b"));
            try (VerifyProcess verify =
                    VerifyProcess.startEndless(
                            pods.addresses(),
                            "--any-node",
                            "--topic",
                            TOPIC,
                            "--producers",
                            "4",
                            "--rate",
                            "20l",
                            "--group",
                            "--pauses",
                            "--output",
                            "json")) {
                awaitRecords(pods);
                step.run(pods);
                awaitRecords(pods);
                VerifyProcess.Result result = verify.finish();
                System.out.printf("RolloutIT: %s: %s%s%n", what, result.err(), result.out());
                assertThat(result.exit()).as(result.toString()).isZero();
                JsonNode report = new ObjectMapper().readTree(result.out());
                assertThat(report.path("verified").asBoolean()).isTrue();
                assertThat(report.path("longestAbsenceSeconds").asDouble())
                        .isLessThan(MAX_PAUSE_SECONDS);
            }
        }
    }

    @Test
    void aRollingUpdateWithAVersionSkewLosesNothing() throws Exception {
        underLoad(
                "rolling update",
                pods -> {
                    pods.replace("ingest-1", Version.LATER, ingest(3, "a"));
                    pods.replace("fetch-1", Version.LATER, fetch(3, "a"));
                    pods.replace("ingest-2", Version.LATER, ingest(4, "b"));
                    pods.replace("fetch-2", Version.LATER, fetch(4, "b"));
                    // The later version deletes groups, as verify does at its end, at level 2.
                    RolloutCluster.await(
                            "upgrade",
                            () ->
                                    MillraceCommandLine.run(
                                                            "cluster",
                                                            "upgrade",
                                                            "--server",
                                                            pods.addresses())
                                                    .exit()
                                            == 0);
                });
    }

    @Test
    void aScaleInByHalfLosesNothing() throws Exception {
        underLoad("scale-in", pods -> pods.end("ingest-2", "fetch-1"));
    }

    /** Each node has at least half of a fair share; the time until then is printed. */
    @Test
    void newIngestNodesCarryTheirShareSoonAfterTheirStart() throws Exception {
        String[] ingest = {"ingest-1", "ingest-2", "ingest-3", "ingest-4"};
        try (RolloutCluster pods = new RolloutCluster(folder)) {
            pods.start(Version.CURRENT, ingest(1, ""), fetch(1, ""));
            try (VerifyProcess verify =
                    VerifyProcess.startEndless(
                            pods.addresses(),
                            // The placement of its partitions depends on its name.
                            "--topic",
                            "share",
                            "--partitions",
                            "64",
                            "--producers",
                            "4",
                            "--rate",
                            "100l")) {
                RolloutCluster.await("load", () -> accepted(pods, "ingest-1") > 500);
                long beganNanos = System.nanoTime();
                pods.start(Version.CURRENT, ingest(2, ""), ingest(3, ""), ingest(4, ""));
                long readyNanos = System.nanoTime();
                long[] before = Arrays.stream(ingest).mapToLong(n -> accepted(pods, n)).toArray();
                RolloutCluster.await(
                        "share of each node",
                        () -> {
                            long[] now =
                                    Arrays.stream(ingest)
                                            .mapToLong(name -> accepted(pods, name))
                                            .toArray();
                            long all = Arrays.stream(now).sum() - Arrays.stream(before).sum();
                            boolean shared = all >= MIN_RECORDS;
                            for (int i = 0; i < now.length; i++) {
                                shared &= (now[i] - before[i]) * 2 * now.length >= all;
                            }
                            if (all >= MIN_RECORDS) {
                                System.arraycopy(now, 0, before, 0, now.length);
                            }
                            return shared;
                        });
                double seconds = (System.nanoTime() - readyNanos) / 1e9;
                System.out.printf(
                        "RolloutIT: four ingest nodes share the traffic %.1f s after the start of three of them, %.1f s after they were ready%n",
                        seconds + (readyNanos - beganNanos) / 1e9, seconds);
                verify.finish().assertAllIsThere();
            }
        }
    }

    /** Waits until {@link #MIN_RECORDS} more records are stored. */
    private static void awaitRecords(RolloutCluster pods) {
        long before = stored(pods);
        RolloutCluster.await("records", () -> stored(pods) - before >= MIN_RECORDS);
    }

    private static long stored(RolloutCluster pods) {
        MillraceCommandLine.Result topic =
                MillraceCommandLine.run(
                        "topic",
                        "describe",
                        TOPIC,
                        "--output",
                        "json",
                        "--server",
                        pods.addresses());
        if (topic.exit() != 0) {
            return 0;
        }
        try {
            long records = 0;
            for (JsonNode partition :
                    new ObjectMapper().readTree(topic.text()).path("partitionList")) {
                records += partition.path("highWatermark").asLong();
            }
            return records;
        } catch (JsonProcessingException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    private static long accepted(RolloutCluster pods, String node) {
        return Meters.sum(pods.node(node), ACCEPTED);
    }

    @Test
    void theEvictionOfAZoneLosesNothing() throws Exception {
        underLoad("eviction of a zone", pods -> pods.end("ingest-1", "fetch-1"));
    }
}
