package io.millrace.server.node;

import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.loop.ExecutorEventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Event loops of the gRPC connections, one for every two cores. The first loop also owns metadata,
 * ingest node and fetch node, so that small machines need no thread switches.
 */
@SystemAccess("creates the event loops")
final class EventLoops implements AutoCloseable {

    private final NioEventLoopGroup group;
    private final EventLoop owner;

    /**
     * @param taskNanos the listener for the duration of each task of the owner
     */
    EventLoops(LongConsumer taskNanos) {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        group = new NioEventLoopGroup(count, new DefaultThreadFactory("millrace-loop", false));
        io.netty.channel.EventLoop first = group.next();
        owner = new ExecutorEventLoop(first, first::inEventLoop, taskNanos);
    }

    NioEventLoopGroup group() {
        return group;
    }

    EventLoop owner() {
        return owner;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
