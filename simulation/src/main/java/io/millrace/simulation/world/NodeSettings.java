package io.millrace.simulation.world;

import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.replica.LevelPolicy;
import io.millrace.metadata.replica.ReplicaSettings;
import java.time.Duration;
import java.util.SplittableRandom;

/** The settings of a process, with short intervals and small limits. */
final class NodeSettings {

    private NodeSettings() {}

    static ReplicaSettings replica(
            SimulatedCluster cluster, SplittableRandom random, FeatureLevels levels) {
        return new ReplicaSettings(
                FaultState.between(random, 1500, 15_000),
                // A client that waits on a lagging node must be notified while the lag lasts.
                Duration.ofMillis(cluster.hasLags ? 300 : 3000),
                Duration.ofMillis(500),
                cluster.expiry.producerLife(),
                Duration.ofDays(7),
                Duration.ofSeconds(2),
                Long.MAX_VALUE,
                levels,
                LevelPolicy.AUTOMATIC);
    }

    static IngestSettings ingest(SplittableRandom random, Duration uploadTimeout) {
        return new IngestSettings(
                SimulatedCluster.NAME,
                IngestSettings.Profile.LATENCY,
                2048 << random.nextInt(4),
                Duration.ofMillis(5 + random.nextInt(40)),
                Duration.ofMillis(1),
                1024 * random.nextInt(3),
                1 + random.nextInt(8),
                1 + random.nextInt(20),
                8,
                1 << 20,
                uploadTimeout);
    }

    static FetchSettings fetch(SimulatedCluster cluster, SplittableRandom random) {
        // Some nodes keep no blocks in memory: readers fetch everything from the bucket.
        int keeping = cluster.hasLags ? 6 : 2;
        return new FetchSettings(
                SimulatedCluster.NAME,
                random.nextInt(keeping) == 0 ? 1 << 18 : 0,
                random.nextInt(keeping) == 0 ? 1 << 18 : 0,
                64 << 10,
                1 + random.nextInt(8),
                (1 + random.nextInt(8)) * (64L << 10),
                random.nextInt(3),
                1000,
                8 << 20);
    }
}
