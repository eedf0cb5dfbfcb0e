package io.millrace.ingest.block;

import java.time.Duration;

/**
 * The settings of an ingest node.
 *
 * @param cluster name of the cluster: part of every object's key
 * @param profile where {@code targetBytes} and {@code linger} come from
 * @param targetBytes a block of so many bytes is sealed
 * @param linger how long a batch waits in the open block at most, under load
 * @param minLinger how long it waits while no upload is in flight: so that batches that arrive
 *     together meet in one block
 * @param wholeLingerBytes where so many bytes come within {@code linger}, a batch waits for all of
 *     it, and where fewer do, for less, by the square; 0 if it always does
 * @param wholeLingerUploads while so many blocks are being uploaded, a batch waits for all of
 *     {@code linger}, and while fewer are, for less in proportion; at least 1
 * @param maxBatchesPerBlock a block of so many batches is sealed: bounds its entry in the log
 * @param maxUploads blocks that are uploaded at the same time, at least 8
 * @param memoryLimitBytes of all blocks that are open, waiting or in flight; past it the node wants
 *     its connections not to be read
 * @param uploadDeadline how long the upload of a block may take with all its retries, before its
 *     producers hear that it failed
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

    /** What a node is tuned for. */
    public enum Profile {
        /** A batch waits for others where they would fill its block, or the bucket is slow. */
        LATENCY(4, 50, 4 << 20, 11),
        /**
         * It waits where a block for each linger costs little for what is in it, and for the upload
         * before it: where little comes, a slow bucket does not get many blocks with next to
         * nothing in them.
         */
        BALANCED(8, 100, (8 << 20) / 10, 1),
        /** It always waits. */
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

    /** The settings of a profile. */
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
