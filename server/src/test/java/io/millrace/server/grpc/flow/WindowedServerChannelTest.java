package io.millrace.server.grpc.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.server.grpc.RunningNode;
import io.netty.channel.nio.NioEventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WindowedServerChannelTest {

    private static final int MESSAGE_BYTES = 60_000;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(2);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final AtomicInteger taken = new AtomicInteger();
    private final ConnectionTable table = new ConnectionTable();
    private @Nullable Server server;

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        serving().shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void theWindowOfALoneConnectionGrowsToTheLargest() throws Exception {
        ConnectionWindows windows = serve(8 << 20);
        Sending sending = new Sending(connect());
        sending.takeAll(100);
        eventually(() -> windows.grantedBytes() == ConnectionWindows.MAX);
    }

    @Test
    void aWindowShrinksToItsShareAsItsBytesAreTaken() throws Exception {
        ConnectionWindows windows = serve(4 << 20);
        Sending first = new Sending(connect());
        first.takeAll(100);
        eventually(() -> windows.grantedBytes() == ConnectionWindows.MAX);
        for (int i = 0; i < 15; i++) {
            new Sending(connect()).takeAll(1);
        }
        first.takeAll(200);
        eventually(() -> windows.connections() == 16);
        eventually(() -> {
            first.takeAll(1);
            return windows.grantedBytes() < 17 * windows.equalShare();
        });
        assertThat(windows.rejected()).isZero();
    }

    @Test
    void aConnectionThatLeavesGivesItsWindowBack() throws Exception {
        ConnectionWindows windows = serve(8 << 20);
        new Sending(connect()).takeAll(50);
        assertThat(windows.connections()).isEqualTo(1);
        channels.forEach(ManagedChannel::shutdownNow);
        eventually(() -> windows.connections() == 0 && windows.grantedBytes() == 0);
    }

    @Test
    void aConnectionForWhichThereIsNoRoomIsRefusedUntilAnotherLeaves() throws Exception {
        ConnectionWindows windows = serve(ConnectionWindows.MIN * 2);
        ManagedChannel first = connect();
        new Sending(first).takeAll(5);
        Sending second = new Sending(connect());
        assertThat(second.end.get(20, TimeUnit.SECONDS).getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(windows.rejected()).isPositive();
        first.shutdownNow();
        eventually(() -> windows.connections() == 0);
        new Sending(connect()).takeAll(5);
    }

    @Test
    void anIdleConnectionMakesRoomForAnother() throws Exception {
        ConnectionWindows windows = serve(ConnectionWindows.MIN * 2);
        Sending call = new Sending(connect());
        call.takeAll(1);
        call.end();

        new Sending(connect(), CallOptions.DEFAULT.withWaitForReady()).takeAll(5);

        assertThat(table.evicted()).isEqualTo(1);
        assertThat(windows.connections()).isEqualTo(1);
    }

    private ConnectionWindows serve(long bytes) throws Exception {
        ConnectionWindows windows = new ConnectionWindows(bytes);
        InboundLimit limit =
                new InboundLimit(
                        new SimulatedEventLoop(),
                        MESSAGE_BYTES,
                        new InboundMemory(bytes, bytes, 1, Runnable::run),
                        windows);
        ServerCallHandler<ProduceStreamRequest, ProduceStreamResponse> take =
                (call, headers) -> {
                    call.request(1);
                    return new ServerCall.Listener<>() {
                        @Override
                        public void onMessage(ProduceStreamRequest message) {
                            taken.incrementAndGet();
                            call.request(1);
                        }
                    };
                };
        server =
                NettyServerBuilder.forPort(0)
                        .bossEventLoopGroup(loops)
                        .workerEventLoopGroup(loops)
                        .channelFactory(() ->
                                new WindowedServerChannel(
                                        windows, table, limit, System::nanoTime, any -> {}))
                        .flowControlWindow(ConnectionWindows.MIN)
                        .addService(
                                ServerServiceDefinition.builder("millrace.v1.Ingest")
                                        .addMethod(IngestGrpc.getProduceStreamMethod(), take)
                                        .build())
                        .build()
                        .start();
        return windows;
    }

    private Server serving() {
        return Objects.requireNonNull(server, "not started");
    }

    private static void eventually(BooleanSupplier condition) {
        RunningNode.await(condition);
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private ManagedChannel connect() {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("localhost", serving().getPort())
                        .usePlaintext()
                        .build();
        channels.add(channel);
        return channel;
    }

    /** A stream whose messages the server reads. */
    private final class Sending extends ClientCall.Listener<ProduceStreamResponse> {

        private final CompletableFuture<Status> end = new CompletableFuture<>();
        private final ClientCall<ProduceStreamRequest, ProduceStreamResponse> call;

        Sending(ManagedChannel channel) {
            this(channel, CallOptions.DEFAULT);
        }

        Sending(ManagedChannel channel, CallOptions options) {
            MethodDescriptor<ProduceStreamRequest, ProduceStreamResponse> method =
                    IngestGrpc.getProduceStreamMethod();
            call = channel.newCall(method, options);
            call.start(this, new Metadata());
            call.request(1);
        }

        /** Sends messages and returns when the server has received all of them. */
        void takeAll(int messages) {
            int before = taken.get();
            ProduceStreamRequest message =
                    ProduceStreamRequest.newBuilder()
                            .addRequests(
                                    ProduceRequest.newBuilder()
                                            .setBatch(ByteString.copyFrom(new byte[MESSAGE_BYTES])))
                            .build();
            for (int i = 0; i < messages; i++) {
                call.sendMessage(message);
            }
            eventually(() -> taken.get() >= before + messages);
        }

        void end() {
            call.cancel("done", null);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.complete(status);
        }
    }
}
