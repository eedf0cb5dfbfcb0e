package io.millrace.client.producer;

import io.millrace.protocol.batch.CompressionCodec;
import java.time.Duration;

/**
 * How a producer batches, and how long it tries.
 *
 * @param batchBytes size at which a batch is sent, before compression; at most the topic's
 *     max.message.bytes, or the server refuses the batch
 * @param linger how long a batch waits for more records
 * @param bufferBytes records in memory, sent ones that are not acknowledged yet included; past it
 *     {@code send} blocks
 * @param maxBlock how long {@code send} may block
 * @param deliveryTimeout how long a batch may take, retries included, from its first record on
 * @param codec what batches are compressed with
 * @param idempotent whether retries are recognised by the server
 * @param asRecords whether records are sent as records, which the node packs and compresses
 *     together with those of other producers; not idempotent
 * @param inFlightPerPartition batches of one partition that may wait for their acknowledgement. The
 *     server remembers the offsets of a producer's last five in each partition; a retry of an older
 *     one succeeds without offset
 * @param wantTiming whether acknowledgements say where the time went
 */
public record ProducerSettings(
        int batchBytes,
        Duration linger,
        long bufferBytes,
        Duration maxBlock,
        Duration deliveryTimeout,
        CompressionCodec codec,
        boolean idempotent,
        boolean asRecords,
        int inFlightPerPartition,
        boolean wantTiming) {

    /** The most that {@code max.message.bytes} of a topic can be. */
    static final int LARGEST_BATCH_BYTES = 16 * 1024 * 1024 - 1024;

    private static final int LARGEST_OPEN_BATCH_BYTES = LARGEST_BATCH_BYTES - 1024;

    public ProducerSettings {
        if (batchBytes < 256 || batchBytes > LARGEST_OPEN_BATCH_BYTES) {
            throw new IllegalArgumentException(
                    "batchBytes is 256 to "
                            + LARGEST_OPEN_BATCH_BYTES
                            + " bytes, not "
                            + batchBytes);
        }
        if (bufferBytes < batchBytes) {
            throw new IllegalArgumentException("bufferBytes holds at least one batch");
        }
        if (inFlightPerPartition < 1) {
            throw new IllegalArgumentException("inFlightPerPartition is at least 1");
        }
        if (linger.isNegative() || maxBlock.isNegative() || deliveryTimeout.isNegative()) {
            throw new IllegalArgumentException("A duration is not negative");
        }
    }

    /** Idempotent, zstd, batches of 64 KiB or 5 ms, 64 MiB of memory, two minutes to deliver. */
    public static ProducerSettings defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Starts with the defaults. */
    public static final class Builder {
        private int batchBytes = 64 * 1024;
        private Duration linger = Duration.ofMillis(5);
        private long bufferBytes = 64L * 1024 * 1024;
        private Duration maxBlock = Duration.ofSeconds(60);
        private Duration deliveryTimeout = Duration.ofMinutes(2);
        private CompressionCodec codec = CompressionCodec.ZSTD;
        private boolean idempotent = true;
        private boolean asRecords;
        private int inFlightPerPartition = 512;
        private boolean wantTiming;

        private Builder() {}

        public Builder batchBytes(int bytes) {
            batchBytes = bytes;
            return this;
        }

        public Builder linger(Duration duration) {
            linger = duration;
            return this;
        }

        public Builder bufferBytes(long bytes) {
            bufferBytes = bytes;
            return this;
        }

        public Builder maxBlock(Duration duration) {
            maxBlock = duration;
            return this;
        }

        public Builder deliveryTimeout(Duration duration) {
            deliveryTimeout = duration;
            return this;
        }

        public Builder codec(CompressionCodec choice) {
            codec = choice;
            return this;
        }

        public Builder idempotent(boolean choice) {
            idempotent = choice;
            return this;
        }

        public Builder asRecords(boolean choice) {
            asRecords = choice;
            return this;
        }

        public Builder inFlightPerPartition(int batches) {
            inFlightPerPartition = batches;
            return this;
        }

        public Builder wantTiming(boolean choice) {
            wantTiming = choice;
            return this;
        }

        public ProducerSettings build() {
            return new ProducerSettings(
                    batchBytes,
                    linger,
                    bufferBytes,
                    maxBlock,
                    deliveryTimeout,
                    codec,
                    idempotent && !asRecords,
                    asRecords,
                    inFlightPerPartition,
                    wantTiming);
        }
    }
}
