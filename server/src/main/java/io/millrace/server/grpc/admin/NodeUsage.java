package io.millrace.server.grpc.admin;

import io.millrace.protocol.v1.DescribeUsageResponse;
import io.millrace.protocol.v1.RequestUsage;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.StorageMetrics;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What this node has done since it began, as it tells whoever asks what that cost.
 *
 * @param node its id
 * @param clock what counts the time
 * @param beganNanos when that began
 * @param requests to the bucket
 * @param producedBytes that producers gave it
 * @param deliveredBytes that consumers got from it
 */
public record NodeUsage(
        Supplier<String> node,
        EventLoop clock,
        long beganNanos,
        StorageMetrics requests,
        LongSupplier producedBytes,
        LongSupplier deliveredBytes) {

    private static final long NANOS_A_MS = 1_000_000;

    DescribeUsageResponse.Builder toWire() {
        DescribeUsageResponse.Builder response =
                DescribeUsageResponse.newBuilder()
                        .setNodeId(node.get())
                        .setCountedMs((clock.nanoTime() - beganNanos) / NANOS_A_MS)
                        .setWrittenBytes(requests.writtenBytes())
                        .setReadBytes(requests.readBytes())
                        .setProducedBytes(producedBytes.getAsLong())
                        .setDeliveredBytes(deliveredBytes.getAsLong());
        for (StorageMetrics.Requests each : requests.requests()) {
            response.addRequests(
                    RequestUsage.newBuilder()
                            .setOperation(each.operation())
                            .setAnswered(each.answered())
                            .setFailed(each.failed()));
        }
        return response;
    }
}
