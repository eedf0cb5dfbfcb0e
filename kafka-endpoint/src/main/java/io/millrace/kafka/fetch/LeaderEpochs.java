package io.millrace.kafka.fetch;

import io.millrace.metadata.GenerationEnd;
import io.millrace.metadata.PartitionLog;
import org.apache.kafka.common.protocol.Errors;

/**
 * The leader epochs of a partition, which are the generations of the cluster. A restore of the log
 * from a backup begins a generation: offsets that clients have read beyond the restored end are
 * those of another epoch. Pure.
 *
 * @param generation the generation in force
 */
record LeaderEpochs(int generation) {

    static final int NONE = -1;

    private static final int FIRST = 1;

    /**
     * The end of an epoch.
     *
     * @param epoch the largest epoch with offsets up to the requested one; {@link #NONE} if the
     *     requested one has not begun
     * @param endOffset exclusive; -1 without an epoch
     */
    record EpochEnd(int epoch, long endOffset) {

        static final EpochEnd UNDEFINED = new EpochEnd(NONE, -1);
    }

    /** Returns the error of a request under an epoch; {@link #NONE} for any epoch. */
    Errors problem(int currentLeaderEpoch) {
        if (currentLeaderEpoch < 0 || currentLeaderEpoch == generation) {
            return Errors.NONE;
        }
        return currentLeaderEpoch < generation
                ? Errors.FENCED_LEADER_EPOCH
                : Errors.UNKNOWN_LEADER_EPOCH;
    }

    /** Returns the end of the offsets that clients may have read in an epoch. */
    EpochEnd endOf(PartitionLog log, int epoch) {
        if (epoch < FIRST || epoch > generation) {
            return EpochEnd.UNDEFINED;
        }
        if (epoch == generation) {
            return new EpochEnd(generation, log.highWatermark());
        }
        GenerationEnd end = log.endOfGeneration(epoch);
        return new EpochEnd(end.generation(), end.offset());
    }
}
