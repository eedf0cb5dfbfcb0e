package io.millrace.kafka.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.kafka.auth.AnonymousIdentity;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.quota.Quotas;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.quota.QuotaEnforcement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** Bytes on a connection of a Kafka client, in parts of several sizes. */
class KafkaConnectionFuzzTest {

    private static final int FIXED_BYTES = 256 << 10;
    private static final int GROWTH = 8;

    private static final ListenerContext LISTENER =
            new ListenerContext(
                    KafkaListener.INTERNAL,
                    new ApiRegistry(handlers()),
                    AnonymousIdentity::of,
                    Authorizer.OPEN,
                    RequestAudit.NONE,
                    new QuotaEnforcement(() -> Quotas.NONE, () -> 0),
                    ZoneResolver.NONE,
                    InboundBytes.UNLIMITED,
                    ConnectionLimits.STANDARD,
                    new ConnectionMetrics(new SimpleMeterRegistry(), KafkaListener.INTERNAL),
                    new AtomicLong()::incrementAndGet);

    private static List<ApiHandler<?, ?>> handlers() {
        List<ApiHandler<?, ?>> handlers = new ArrayList<>();
        for (ApiKeys api : ApiKeys.clientApis()) {
            handlers.add(new Echo(api));
        }
        return handlers;
    }

    /** Answers each request with the empty answer of its API. */
    private record Echo(ApiKeys api) implements ApiHandler<ApiMessage, ApiMessage> {

        @Override
        public CompletableFuture<ApiMessage> handle(RequestContext context, ApiMessage request) {
            return CompletableFuture.completedFuture(api.messageType.newResponse());
        }
    }

    /** The first byte is the size of the parts, the others are sent. */
    @FuzzTest(maxDuration = "20m")
    void anyBytesAreAnsweredOrCloseTheConnectionWithoutALeak(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        int partBytes = Math.max(1, (bytes[0] & 0xff) * 16);
        UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(memory);
        channel.pipeline().addLast(new KafkaConnection(LISTENER));
        for (int at = 1; at < bytes.length && channel.isOpen(); at += partBytes) {
            int size = Math.min(partBytes, bytes.length - at);
            channel.writeInbound(memory.directBuffer(size).writeBytes(bytes, at, size));
            assertThat(memory.metric().usedDirectMemory())
                    .isLessThan(FIXED_BYTES + (long) GROWTH * bytes.length);
        }
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            part.release();
        }
        channel.checkException();
        channel.finishAndReleaseAll();
        assertThat(memory.metric().usedDirectMemory()).isZero();
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }
}
