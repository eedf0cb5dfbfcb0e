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

/** Reads partitions over plain gRPC, whole. */
final class PartitionReader {

    private PartitionReader() {}

    /** One fetch from an offset on. */
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
     * All records from the log start to the high watermark. Like any client it asks again while it
     * is told to: to whoever asks first, a bucket that was just started may be too slow. Another
     * refusal is thrown as the {@link ProblemException} that it tells of.
     */
    static List<Batches.Read> all(ManagedChannel channel, String topic, int partition) {
        List<Batches.Read> all = new ArrayList<>();
        long next = 0;
        while (true) {
            FetchedPartition fetched = fetchPatiently(channel, topic, partition, next);
            for (Batches.Read record : Batches.read(fetched.getBatches())) {
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
