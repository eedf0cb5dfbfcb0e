package io.millrace.kafka.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Prepares the accepted connections of a listener. Any thread. */
public final class KafkaPipeline extends ChannelInitializer<Channel> {

    private final ListenerContext listener;
    private final Consumer<Channel> transport;

    /**
     * @param transport adds handlers before those of the protocol, such as TLS
     */
    public KafkaPipeline(ListenerContext listener, Consumer<Channel> transport) {
        this.listener = listener;
        this.transport = transport;
    }

    @Override
    protected void initChannel(Channel channel) {
        transport.accept(channel);
        ConnectionLimits limits = listener.limits();
        channel.pipeline()
                .addLast(
                        new IdleStateHandler(
                                true,
                                0,
                                limits.stalled().toMillis(),
                                limits.idle().toMillis(),
                                TimeUnit.MILLISECONDS),
                        new KafkaConnection(listener));
    }
}
