package io.millrace.server.grpc.admin;

import io.millrace.protocol.v1.DescribeUsageResponse;
import io.millrace.protocol.v1.RequestUsage;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.StorageMetrics;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Counters of this node's work since its start, for cost reports. */
public record NodeUsage(
        Supplier<String> node,
        EventLoop clock,
        long beganNanos,
        StorageMetrics requests,
        LongSupplier producedBytes,
        LongSupplier deliveredBytes) {

    private static final long NANOS_PER_MS = 1_000_000;

    DescribeUsageResponse.Builder toWire() {
        DescribeUsageResponse.Builder response =
                DescribeUsageResponse.newBuilder()
                        .setNodeId(node.get())
                        .setCountedMs((clock.nanoTime() - beganNanos) / NANOS_PER_MS)
                        .setWrittenBytes(requests.writtenBytes())
                        .setReadBytes(requests.readBytes())
                        .setProducedBytes(producedBytes.getAsLong())
                        .setDeliveredBytes(deliveredBytes.getAsLong());
        for (StorageMetrics.RequestCounts each : requests.requests()) {
            response.addRequests(
                    RequestUsage.newBuilder()
                            .setOperation(each.operation())
                            .setAnswered(each.answered())
                            .setFailed(each.failed()));
        }
        return response;
    }
}
