package io.millrace.server.grpc.flow;

import io.millrace.runtime.limit.FairLimit;
import java.util.function.Consumer;

/**
 * Memory limits of requests that their handlers have not received yet.
 *
 * @param arrivingBytes the limit for all partly received requests
 * @param windowBytes the limit for all flow-control windows; limits the number of connections, at
 *     64 KiB each
 * @param maxCalls the limit of open calls, shared by the peers as a {@link FairLimit}
 * @param whenRoom runs a task once there is room for inbound requests; called and run on the loop
 *     on which all handlers respond
 */
public record InboundMemory(
        long arrivingBytes, long windowBytes, int maxCalls, Consumer<Runnable> whenRoom) {}
