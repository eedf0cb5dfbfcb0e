package io.millrace.server.grpc.call;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * Channels to other nodes. Calls do not inherit the context of a client's call, because the work
 * continues after that call ends.
 */
public final class NodeChannel {

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

    private NodeChannel() {}

    /**
     * @param loops the event loops that carry the connection and run the call listeners
     */
    public static NettyChannelBuilder to(String host, int port, EventLoopGroup loops) {
        return NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .eventLoopGroup(loops)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .intercept(DETACHED);
    }
}
