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
 * How this node speaks to another one. Its calls are nobody's part: what a call of a client happens
 * to begin goes on when that call ends.
 */
public final class NodeChannel {

    private static final ClientInterceptor DETACHED =
            new ClientInterceptor() {
                @Override
                public <Q, A> ClientCall<Q, A> interceptCall(
                        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                    // Calls end with the context in which they are made.
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
     * To the gRPC port of a node.
     *
     * @param loops carry the connection, and run what listens to calls
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
