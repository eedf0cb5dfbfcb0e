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
     * All records from the log start to the high watermark; a refusal is thrown as the {@link
     * ProblemException} that it tells of.
     */
    static List<Batches.Read> all(ManagedChannel channel, String topic, int partition) {
        List<Batches.Read> all = new ArrayList<>();
        long next = 0;
        while (true) {
            FetchedPartition fetched = fetch(channel, topic, partition, next);
            if (fetched.hasError()) {
                throw new ProblemException(Problem.fromStatus(fetched.getError()).orElseThrow());
            }
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
}
