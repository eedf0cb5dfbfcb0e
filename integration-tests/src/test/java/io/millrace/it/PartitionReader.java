package io.millrace.it;

import io.grpc.ManagedChannel;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchedPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads whole partitions over plain gRPC. */
final class PartitionReader {

    private PartitionReader() {}

    /** Sends one fetch from an offset on. */
    static FetchedPartition fetch(
            ManagedChannel channel, String topic, int partition, long offset) {
        return FetchGrpc.newBlockingStub(channel)
                .fetch(
                        FetchRequest.newBuilder()
                                .addPartitions(
                                        FetchPartition.newBuilder()
                                                .setTopic(topic)
                                                .setPartition(partition)
                                                .setOffset(offset))
                                .build())
                .getPartitions(0);
    }

    /**
     * Returns all records from the log start to the high watermark, with retries after retriable
     * errors: a bucket that was just started may be too slow for the first request. Throws other
     * errors as {@link ProblemException}.
     */
    static List<KafkaBatches.Read> all(ManagedChannel channel, String topic, int partition) {
        List<KafkaBatches.Read> all = new ArrayList<>();
        long next = 0;
        while (true) {
            FetchedPartition fetched = fetchPatiently(channel, topic, partition, next);
            for (KafkaBatches.Read record : KafkaBatches.read(fetched.getBatches())) {
                if (record.offset() >= next) {
                    all.add(record);
                    next = record.offset() + 1;
                }
            }
            if (next >= fetched.getHighWatermark()) {
                return all;
            }
        }
    }

    private static FetchedPartition fetchPatiently(
            ManagedChannel channel, String topic, int partition, long offset) {
        List<FetchedPartition> fetched = new ArrayList<>();
        Eventually.await(
                () -> "records from %d on: %s".formatted(offset, fetched),
                () -> {
                    fetched.clear();
                    fetched.add(fetch(channel, topic, partition, offset));
                    Optional<Problem> problem = Problem.fromStatus(fetched.getFirst().getError());
                    if (fetched.getFirst().hasError() && !problem.orElseThrow().retriable()) {
                        throw new ProblemException(problem.orElseThrow());
                    }
                    return !fetched.getFirst().hasError();
                });
        return fetched.getFirst();
    }
}
