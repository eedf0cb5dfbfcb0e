package io.millrace.ingest.block;

import java.time.Duration;

/**
 * The settings of an ingest node.
 *
 * @param targetBytes the size at which a block is sealed
 * @param linger the maximum wait of a batch in the open block under load
 * @param minLinger the wait without an upload in flight, so that batches that arrive together share
 *     a block
 * @param wholeLingerBytes the bytes per {@code linger} from which a batch waits for all of it, 0
 *     for always; below, the wait decreases with the square of the rate
 * @param wholeLingerUploads the uploads in flight, at least 1, from which a batch waits for all of
 *     {@code linger}; below, the wait decreases in proportion
 * @param maxBatchesPerBlock bounds a block's log entry
 * @param maxUploads at least 8
 * @param memoryLimitBytes the limit for all blocks; above, connections should not be read
 * @param uploadDeadline the maximum time of an upload with all retries; then producers receive an
 *     error
 */
public record IngestSettings(
        String cluster,
        Profile profile,
        int targetBytes,
        Duration linger,
        Duration minLinger,
        int wholeLingerBytes,
        int wholeLingerUploads,
        int maxBatchesPerBlock,
        int maxUploads,
        long memoryLimitBytes,
        Duration uploadDeadline) {

    /** A trade-off between latency and cost. */
    public enum Profile {
        /** A batch waits only if the open block fills soon or the bucket is slow. */
        LATENCY(4, 50, 4 << 20, 11),
        /**
         * A batch waits if a block per linger is cheap for its content, and for the previous
         * upload.
         */
        BALANCED(8, 100, (8 << 20) / 10, 1),
        /** A batch always waits. */
        ECONOMY(32, 500, 0, 1);

        private final int targetBytes;
        private final Duration linger;
        private final int wholeLingerBytes;
        private final int wholeLingerUploads;

        Profile(int targetMiB, int lingerMillis, int wholeLingerBytes, int wholeLingerUploads) {
            this.targetBytes = targetMiB << 20;
            this.linger = Duration.ofMillis(lingerMillis);
            this.wholeLingerBytes = wholeLingerBytes;
            this.wholeLingerUploads = wholeLingerUploads;
        }
    }

    public IngestSettings {
        require(!cluster.isEmpty(), "ingest.cluster must not be empty");
        require(targetBytes > 0, "ingest.target-bytes must be positive");
        require(!minLinger.isNegative(), "ingest.min-linger must not be negative");
        require(linger.compareTo(minLinger) >= 0, "ingest.linger must be at least min-linger");
        require(wholeLingerBytes >= 0, "ingest.whole-linger-bytes must not be negative");
        require(wholeLingerUploads > 0, "ingest.whole-linger-uploads must be positive");
        require(maxBatchesPerBlock > 0, "ingest.max-batches-per-block must be positive");
        require(maxUploads >= 8, "ingest.max-uploads must be at least 8");
        require(
                memoryLimitBytes >= 2L * targetBytes,
                "ingest.memory-limit-bytes must hold two blocks of ingest.target-bytes");
        require(uploadDeadline.isPositive(), "ingest.upload-deadline must be positive");
    }

    public static IngestSettings of(Profile profile, String cluster, long memoryLimitBytes) {
        return new IngestSettings(
                cluster,
                profile,
                profile.targetBytes,
                profile.linger,
                Duration.ofMillis(1),
                profile.wholeLingerBytes,
                profile.wholeLingerUploads,
                10_000,
                12,
                memoryLimitBytes,
                Duration.ofSeconds(30));
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
