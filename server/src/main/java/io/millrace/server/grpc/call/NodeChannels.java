package io.millrace.server.grpc.call;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.tls.ChannelSecurity;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * Opens channels to other nodes. Calls do not inherit the context of a client's call, because the
 * work continues after that call ends. Any thread.
 */
public final class NodeChannels {

    private static final ClientInterceptor DETACHED =
            new ClientInterceptor() {
                @Override
                public <Q, A> ClientCall<Q, A> interceptCall(
                        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                    // A call is cancelled with the context in which it was made.
                    Context current = Context.ROOT.attach();
                    try {
                        return next.newCall(method, options);
                    } finally {
                        Context.ROOT.detach(current);
                    }
                }
            };

    private final EventLoopGroup loops;
    private final ChannelSecurity security;

    /**
     * @param loops the event loops that carry the connections and run the call listeners; the
     *     caller shuts them down after the channels
     * @param security the protection of the connections
     */
    public NodeChannels(EventLoopGroup loops, ChannelSecurity security) {
        this.loops = loops;
        this.security = security;
    }

    /** Returns the builder of a channel to a node. */
    public NettyChannelBuilder to(String host, int port) {
        return security.apply(NettyChannelBuilder.forAddress(host, port))
                .eventLoopGroup(loops)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .intercept(DETACHED);
    }
}
