package io.millrace.server.grpc.flow;

import java.util.function.Consumer;

/**
 * What requests may cost before their handlers have them.
 *
 * @param arrivingBytes of requests that have arrived in part, all together
 * @param windowBytes of requests that nobody has begun to take, all together; it also bounds the
 *     number of connections, at 64 KiB each
 * @param whenRoom runs a task once there is room for what arrives; called on the loop on which all
 *     handlers answer, and runs the task there
 */
public record InboundMemory(long arrivingBytes, long windowBytes, Consumer<Runnable> whenRoom) {}
