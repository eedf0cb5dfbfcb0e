package io.millrace.client.producer;

import io.millrace.protocol.batch.CompressionCodec;
import java.time.Duration;

/**
 * Settings of a producer: batching, memory and timeouts.
 *
 * @param batchBytes the size at which a batch is sent, before compression; the server rejects
 *     batches larger than the topic's max.message.bytes
 * @param linger the time that a batch waits for more records
 * @param bufferBytes the maximum size of the records in memory, including unacknowledged ones;
 *     {@code send} blocks at the limit
 * @param maxBlock the maximum time that {@code send} blocks
 * @param deliveryTimeout the maximum time to deliver a batch, from its first record and including
 *     retries
 * @param codec the compression of batches
 * @param idempotent true if the server recognises retries
 * @param asRecords true if records are sent unencoded, and the node encodes and compresses them
 *     together with records of other producers; not idempotent
 * @param inFlightPerPartition the maximum number of unacknowledged batches of one partition. The
 *     server keeps the offsets of a producer's last five batches in each partition; a retry of an
 *     older batch succeeds without an offset
 * @param wantTiming true if acknowledgements carry the durations of the steps
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

    /** Maximum {@code max.message.bytes} of a topic. */
    static final int MAX_BATCH_BYTES = 16 * 1024 * 1024 - 1024;

    private static final int MAX_OPEN_BATCH_BYTES = MAX_BATCH_BYTES - 1024;

    public ProducerSettings {
        if (batchBytes < 256 || batchBytes > MAX_OPEN_BATCH_BYTES) {
            throw new IllegalArgumentException(
                    "batchBytes must be 256 to "
                            + MAX_OPEN_BATCH_BYTES
                            + " bytes, not "
                            + batchBytes);
        }
        if (bufferBytes < batchBytes) {
            throw new IllegalArgumentException("bufferBytes must be at least batchBytes");
        }
        if (inFlightPerPartition < 1) {
            throw new IllegalArgumentException("inFlightPerPartition must be at least 1");
        }
        if (linger.isNegative() || maxBlock.isNegative() || deliveryTimeout.isNegative()) {
            throw new IllegalArgumentException("A duration must not be negative");
        }
    }

    /**
     * Returns the defaults: idempotent, zstd, batches of 64 KiB or 5 ms, 64 MiB of memory, a
     * delivery timeout of two minutes.
     */
    public static ProducerSettings defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with the defaults. */
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
