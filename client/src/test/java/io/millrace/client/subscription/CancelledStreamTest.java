package io.millrace.client.subscription;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Connection;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cancelled subscribe stream whose end the transport has not reported yet. */
class CancelledStreamTest {

    private final ManagedChannel channel =
            NettyChannelBuilder.forAddress("localhost", 1).usePlaintext().build();
    private final Queue<Runnable> unhandled = new ConcurrentLinkedQueue<>();
    private final SubscriptionStream stream =
            new SubscriptionStream(
                    new Connection(new ClientSettings.Address("localhost", 1), List.of(channel)),
                    new SubscriptionStream.Owner() {
                        @Override
                        public void received(SubscriptionStream call, SubscribeResponse response) {}

                        @Override
                        public void ended(
                                SubscriptionStream call, @Nullable MillraceException failure) {}
                    },
                    unhandled::add);

    @AfterEach
    void close() {
        channel.shutdownNow();
    }

    @Test
    void requestsAreDropped() {
        stream.open(SubscribeRequest.getDefaultInstance());
        stream.cancel("the node is lost");

        assertThatCode(() -> stream.send(SubscribeRequest.getDefaultInstance()))
                .doesNotThrowAnyException();
    }
}
