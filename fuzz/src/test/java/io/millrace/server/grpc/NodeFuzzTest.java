package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.server.grpc.auth.NodeCredentials;
import io.millrace.server.grpc.call.ServedMethods;
import io.millrace.server.node.Node;
import io.millrace.server.settings.ServerSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A whole node: arbitrary bytes on its gRPC port, and arbitrary messages to all of its methods. */
class NodeFuzzTest {

    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                    .getBytes(StandardCharsets.ISO_8859_1);

    private static final List<MethodDescriptor<?, ?>> METHODS = ServedMethods.all();

    @TempDir static Path folder;
    private static Node node;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() {
        Map<String, String> settings =
                Map.of(
                        "millrace.data",
                        folder.toString(),
                        "millrace.grpc-port",
                        "0",
                        "millrace.kafka-port",
                        "off");
        node =
                Node.open(
                        ServerSettings.standalone(key -> Optional.ofNullable(settings.get(key))),
                        new SimpleMeterRegistry(),
                        64 << 20);
        channel =
                NettyChannelBuilder.forAddress("localhost", node.grpcPort()).usePlaintext().build();
        AdminGrpc.newBlockingStub(channel)
                .createTopic(CreateTopicRequest.newBuilder().setName("t").build());
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        node.close();
    }

    /** The first byte selects whether the bytes follow the preface of an HTTP/2 connection. */
    @FuzzTest(maxDuration = "20m")
    void anyBytesOnThePortLeaveTheNodeServing(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return;
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.grpcPort())) {
            socket.setSoTimeout(5);
            if ((bytes[0] & 1) == 1) {
                socket.getOutputStream().write(PREFACE);
            }
            socket.getOutputStream().write(bytes, 1, bytes.length - 1);
            socket.shutdownOutput();
            socket.getInputStream().readNBytes(64);
        } catch (SocketException | java.net.SocketTimeoutException closed) {
            // The node may close a connection at any byte.
        }
        assertServing();
    }

    /** The first byte selects the method, the others are the message. */
    @FuzzTest(maxDuration = "20m")
    void anyMessageIsAnsweredOrRejectedWithACode(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        MethodDescriptor<?, ?> method = METHODS.get((bytes[0] & 0xff) % METHODS.size());
        MethodDescriptor<byte[], byte[]> raw =
                MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                        .setFullMethodName(method.getFullMethodName())
                        .setRequestMarshaller(new RawMarshaller())
                        .setResponseMarshaller(new RawMarshaller())
                        .build();
        try {
            ClientCalls.blockingServerStreamingCall(
                            ClientInterceptors.intercept(channel, tokenFor(raw)),
                            raw,
                            CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS),
                            Arrays.copyOfRange(bytes, 1, bytes.length))
                    .forEachRemaining(answer -> {});
        } catch (StatusRuntimeException rejected) {
            assertThat(rejected.getStatus().getCode())
                    .as(rejected.getStatus().toString())
                    .isNotIn(Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.DATA_LOSS);
        }
        assertServing();
    }

    /** Returns the token of a node, without which services between nodes reject all messages. */
    private static ClientInterceptor tokenFor(MethodDescriptor<?, ?> method) {
        NodeCredentials own = node.credentials();
        return MetadataUtils.newAttachHeadersInterceptor(own.headers(own.incarnation(), method));
    }

    private static void assertServing() {
        AdminGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .listTopics(ListTopicsRequest.getDefaultInstance());
    }

    private static final class RawMarshaller implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream message) {
            try {
                return message.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
