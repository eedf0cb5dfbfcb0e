package io.millrace.server.node;

import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.loop.ExecutorEventLoop;
import io.millrace.server.health.LoopHeartbeats;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Event loops of the gRPC connections, one for every two cores. The first loop also owns metadata,
 * ingest node and fetch node, so that small machines need no thread switches.
 */
@SystemAccess("creates the event loops and passes the system clock")
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

    /** Starts to record when each loop last ran a task. */
    LoopHeartbeats heartbeats() {
        List<EventExecutor> all = new ArrayList<>();
        group.forEach(all::add);
        return new LoopHeartbeats(all, System::nanoTime);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
