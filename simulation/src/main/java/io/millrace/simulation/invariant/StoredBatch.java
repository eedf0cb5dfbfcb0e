package io.millrace.simulation.invariant;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.simulation.workload.SimulatedBatches;
import org.apache.kafka.common.record.internal.CompressionType;

/**
 * What there is to know of a batch in the bucket.
 *
 * @param records a hash of the offsets, times and numbers of its records; 0 where those have keys
 * @param header a hash of what the header says of their producer and kind of times
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
     * One that must be whole.
     *
     * @throws IllegalStateException if it is not
     */
    static StoredBatch of(byte[] bytes, int at, long baseOffset, boolean isKeyed) {
        int size = (int) BatchHeader.sizeBytes(bytes, at);
        int crc = BatchHeader.crc(bytes, at);
        if (crc != BatchHeader.computeCrc(bytes, at, size)) {
            throw new IllegalStateException("its checksum is that of something else");
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

    /** Whether it may hold what is left of another. */
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
