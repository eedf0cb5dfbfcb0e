package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.server.grpc.call.SmallMessages;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that would be far larger on the heap than on the wire, or that no limit covers. */
@Timeout(60)
class SmallMessagesTest {

    @TempDir Path folder;
    private RunningNode node;

    @BeforeEach
    void open() {
        node = new RunningNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static HealthCheckRequest health(int nameBytes) {
        return HealthCheckRequest.newBuilder().setService("x".repeat(nameBytes)).build();
    }

    @Test
    void aCompressedMessageIsRejectedUnread() {
        HealthGrpc.HealthBlockingStub health =
                HealthGrpc.newBlockingStub(node.connect()).withCompression("gzip");
        StatusRuntimeException rejected =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> health.check(health(1 << 20)));
        assertThat(rejected.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(rejected).hasMessageContaining("gzip");

        AdminGrpc.AdminBlockingStub admin =
                AdminGrpc.newBlockingStub(node.connect()).withCompression("gzip");
        assertThat(
                        catchThrowableOfType(
                                        StatusRuntimeException.class,
                                        () ->
                                                admin.describeTopic(
                                                        DescribeTopicRequest.newBuilder()
                                                                .setName("t")
                                                                .build()))
                                .getStatus()
                                .getCode())
                .isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void aLargeRequestForHealthIsRejected() {
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(node.connect());
        StatusRuntimeException rejected =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> health.check(health(SmallMessages.MAX_BYTES)));
        assertThat(rejected).hasMessageContaining("1024 bytes");
        assertThat(
                        catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> health.watch(health(SmallMessages.MAX_BYTES)).next()))
                .hasMessageContaining("1024 bytes");
        assertThat(health.check(health(0)).getStatus())
                .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }
}
