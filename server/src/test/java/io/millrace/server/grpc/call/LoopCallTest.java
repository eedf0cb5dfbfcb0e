package io.millrace.server.grpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.DescribeTopicResponse;
import io.millrace.runtime.loop.ExecutorEventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopCallTest {

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorEventLoop loop = new ExecutorEventLoop(executor, () -> false);
    private final List<LogRecord> logged = Collections.synchronizedList(new ArrayList<>());
    private final Logger errors = Logger.getLogger(GrpcErrors.class.getName());
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    logged.add(record);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
    private Server server;
    private ManagedChannel channel;

    /** Fails in the way that the name of the topic says. */
    private final class FaultyCall extends LoopCall<DescribeTopicRequest, DescribeTopicResponse> {

        private String fault = "";

        FaultyCall(ServerCall<DecodedRequest<DescribeTopicRequest>, DescribeTopicResponse> call) {
            super(call, loop);
            call.request(2);
        }

        @Override
        protected void receive(DescribeTopicRequest message) {
            fault = message.getName();
            switch (fault) {
                case "none" -> {
                    call.sendHeaders(new Metadata());
                    call.sendMessage(DescribeTopicResponse.getDefaultInstance());
                    succeed();
                }
                case "later" ->
                        run(() -> {
                            throw new AssertionError("later");
                        });
                default -> throw new IllegalStateException("at once");
            }
        }

        @Override
        protected void fail(Problem problem) {
            if (fault.equals("twice")) {
                throw new IllegalStateException("again");
            }
            super.fail(problem);
        }
    }

    @BeforeEach
    void start() throws IOException {
        errors.addHandler(handler);
        server =
                NettyServerBuilder.forPort(0)
                        .directExecutor()
                        .addService(
                                new ServiceBinder(AdminGrpc.getServiceDescriptor())
                                        .method(
                                                AdminGrpc.getDescribeTopicMethod(),
                                                RequestMarshaller.of(
                                                        DescribeTopicRequest.getDefaultInstance()),
                                                ProtoUtils.marshaller(
                                                        DescribeTopicResponse.getDefaultInstance()),
                                                (call, headers) -> new FaultyCall(call))
                                        .bind())
                        .build()
                        .start();
        channel =
                NettyChannelBuilder.forAddress("localhost", server.getPort())
                        .usePlaintext()
                        .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        executor.shutdownNow();
        errors.removeHandler(handler);
    }

    private DescribeTopicResponse call(String fault) {
        return AdminGrpc.newBlockingStub(channel)
                .describeTopic(DescribeTopicRequest.newBuilder().setName(fault).build());
    }

    @Test
    void anUnexpectedExceptionIsLoggedAndEndsOnlyItsCall() {
        for (String fault : List.of("now", "later", "twice")) {
            logged.clear();
            StatusRuntimeException ended =
                    catchThrowableOfType(StatusRuntimeException.class, () -> call(fault));
            assertThat(ended.getStatus().getCode()).as(fault).isEqualTo(Status.Code.INTERNAL);
            assertThat(
                            Optional.ofNullable(StatusProto.fromThrowable(ended))
                                    .flatMap(Problem::fromStatus))
                    .map(Problem::reason)
                    .contains(Reason.INTERNAL_ERROR);
            assertThat(logged)
                    .singleElement()
                    .satisfies(
                            record -> assertThat(record.getThrown().getStackTrace()).isNotEmpty());
            assertThat(call("none")).isEqualTo(DescribeTopicResponse.getDefaultInstance());
        }
    }
}
