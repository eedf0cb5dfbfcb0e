package io.millrace.simulation.invariant;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.simulation.workload.SimulatedBatches;
import org.apache.kafka.common.record.internal.CompressionType;

/**
 * The properties of a batch in the bucket.
 *
 * @param records a hash of offsets, timestamps and numbers; 0 for keyed records
 * @param header a hash of the producer fields and the timestamp type
 */
record StoredBatch(
        long baseOffset,
        int offsetCount,
        int recordCount,
        int sizeBytes,
        int crc,
        CompressionType codec,
        long header,
        long records) {

    /**
     * @throws IllegalStateException if the CRC does not match
     */
    static StoredBatch of(byte[] bytes, int at, long baseOffset, boolean isKeyed) {
        int size = (int) BatchHeader.sizeBytes(bytes, at);
        int crc = BatchHeader.crc(bytes, at);
        if (crc != BatchHeader.computeCrc(bytes, at, size)) {
            throw new IllegalStateException("checksum mismatch");
        }
        long[] records = new long[1];
        if (!isKeyed) {
            SimulatedBatches.read(
                    bytes,
                    at,
                    baseOffset,
                    (offset, value, timestampMs) ->
                            records[0] =
                                    mixed(mixed(mixed(records[0], offset), value), timestampMs));
        }
        long header = mixed(0, BatchHeader.producerId(bytes, at));
        header = mixed(header, BatchHeader.producerEpoch(bytes, at));
        header = mixed(header, BatchHeader.baseSequence(bytes, at));
        header = mixed(header, BatchHeader.isLogAppendTime(bytes, at) ? 1 : 0);
        return new StoredBatch(
                baseOffset,
                BatchHeader.offsetCount(bytes, at),
                BatchHeader.recordCount(bytes, at),
                size,
                crc,
                CompressionType.forId(BatchHeader.compression(bytes, at)),
                header,
                isKeyed ? 0 : mixed(records[0], BatchHeader.maxTimestampMs(bytes, at)));
    }

    /** Returns whether this batch may hold the remaining records of an earlier version. */
    boolean isOf(StoredBatch other) {
        return baseOffset == other.baseOffset
                && offsetCount == other.offsetCount
                && recordCount <= other.recordCount
                && header == other.header;
    }

    private static long mixed(long hash, long more) {
        return (hash ^ more) * 0x9E3779B97F4A7C15L + (hash >>> 29);
    }
}
