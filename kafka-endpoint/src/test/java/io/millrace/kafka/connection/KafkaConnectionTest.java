package io.millrace.kafka.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.millrace.kafka.wire.FrameLimits;
import io.millrace.metadata.quota.Quotas;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.principal.Principal;
import io.millrace.security.quota.QuotaEnforcement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class KafkaConnectionTest {

    private static final int VERSION = 5;

    /** Answers when the test wants. */
    private static final class HeldHandler
            implements ApiHandler<ListGroupsRequestData, ListGroupsResponseData> {

        private final List<CompletableFuture<ListGroupsResponseData>> requests = new ArrayList<>();

        @Override
        public ApiKeys api() {
            return ApiKeys.LIST_GROUPS;
        }

        @Override
        public CompletableFuture<ListGroupsResponseData> handle(
                RequestContext context, ListGroupsRequestData request) {
            CompletableFuture<ListGroupsResponseData> answer = new CompletableFuture<>();
            requests.add(answer);
            return answer;
        }

        void answer(int index) {
            requests.get(index).complete(new ListGroupsResponseData().setThrottleTimeMs(index));
        }
    }

    /** Records what is produced, and keeps the bytes until the test releases them. */
    private static final class KeepingHandler
            implements ApiHandler<ProduceRequestData, ProduceResponseData> {

        private final List<Runnable> kept = new ArrayList<>();
        private final List<ByteBuffer> records = new ArrayList<>();

        @Override
        public ApiKeys api() {
            return ApiKeys.PRODUCE;
        }

        @Override
        public boolean expectsAnswer(ProduceRequestData request) {
            return request.acks() != 0;
        }

        @Override
        public CompletableFuture<ProduceResponseData> handle(
                RequestContext context, ProduceRequestData request) {
            kept.add(context.keepBytes());
            for (var topic : request.topicData()) {
                for (var partition : topic.partitionData()) {
                    records.add(((MemoryRecords) partition.records()).buffer());
                }
            }
            return CompletableFuture.completedFuture(new ProduceResponseData());
        }
    }

    private static ProduceRequestData produce(int acks, byte[] bytes) {
        ProduceRequestData request = new ProduceRequestData().setAcks((short) acks);
        request.topicData()
                .add(
                        new ProduceRequestData.TopicProduceData()
                                .setName("t")
                                .setPartitionData(
                                        List.of(
                                                new ProduceRequestData.PartitionProduceData()
                                                        .setRecords(
                                                                MemoryRecords.readableRecords(
                                                                        ByteBuffer.wrap(bytes))))));
        return request;
    }

    private static ConnectionLimits limits(int requests, int keptBytes) {
        return new ConnectionLimits(
                FrameLimits.STANDARD,
                requests,
                keptBytes,
                Duration.ofMinutes(10),
                Duration.ofMinutes(1));
    }

    @Test
    void answersInTheOrderOfRequests() {
        HeldHandler handler = new HeldHandler();
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            int first = client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            int second = client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            assertThat(handler.requests).as("requests at work").hasSize(2);
            handler.answer(1);
            assertThat(client.receive(ApiKeys.LIST_GROUPS, VERSION)).isEmpty();
            handler.answer(0);
            assertThat(client.receive(ApiKeys.LIST_GROUPS, VERSION).orElseThrow().correlationId())
                    .isEqualTo(first);
            assertThat(client.receive(ApiKeys.LIST_GROUPS, VERSION).orElseThrow().correlationId())
                    .isEqualTo(second);
            assertThat(
                            client.registry()
                                    .get("millrace.kafka.request")
                                    .tag("api", "ListGroups")
                                    .timer()
                                    .count())
                    .isEqualTo(2);
        }
    }

    @Test
    void writesAllAnswersWhileTheTransportTakesThem() {
        try (EmbeddedClient client = EmbeddedClient.of(new KeepingHandler())) {
            // Each answer fills the transport's buffer, which a flush empties at once.
            client.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
            client.channel()
                    .writeInbound(
                            Unpooled.wrappedBuffer(
                                    client.frame(ApiKeys.PRODUCE, 9, produce(1, new byte[10])),
                                    client.frame(ApiKeys.PRODUCE, 9, produce(1, new byte[10]))));

            assertThat(client.receive(ApiKeys.PRODUCE, 9)).isPresent();
            assertThat(client.receive(ApiKeys.PRODUCE, 9)).isPresent();
        }
    }

    @Test
    void stopsReadingAtTheLimitOfRequests() {
        HeldHandler handler = new HeldHandler();
        ConnectionLimits two = limits(2, 1 << 20);
        try (EmbeddedClient client = EmbeddedClient.of(TestIdentities.ANONYMOUS, two, handler)) {
            ByteBuf all = Unpooled.buffer();
            for (int i = 0; i < 5; i++) {
                ByteBuf frame =
                        client.frame(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
                all.writeBytes(frame);
                frame.release();
            }
            client.channel().writeInbound(all);
            assertThat(handler.requests).hasSize(2);
            assertThat(client.channel().config().isAutoRead()).isFalse();
            handler.answer(0);
            assertThat(handler.requests).hasSize(3);
            for (int i = 1; i < 5; i++) {
                handler.answer(i);
            }
            assertThat(handler.requests).hasSize(5);
            assertThat(client.channel().config().isAutoRead()).isTrue();
            for (int i = 0; i < 5; i++) {
                assertThat(client.receive(ApiKeys.LIST_GROUPS, VERSION)).isPresent();
            }
        }
    }

    @Test
    void stopsReadingWhileHandlersKeepManyBytes() {
        KeepingHandler handler = new KeepingHandler();
        ConnectionLimits small = limits(100, 1 << 10);
        try (EmbeddedClient client = EmbeddedClient.of(TestIdentities.ANONYMOUS, small, handler)) {
            byte[] bytes = new byte[2000];
            bytes[1999] = 7;
            client.send(ApiKeys.PRODUCE, 9, produce(1, bytes));
            assertThat(client.channel().config().isAutoRead()).isFalse();
            assertThat(handler.records.getFirst()).isEqualTo(ByteBuffer.wrap(bytes));
            Gauge inbound = client.registry().get("millrace.kafka.inbound").gauge();
            assertThat(inbound.value()).isGreaterThan(2000);
            handler.kept.getFirst().run();
            handler.kept.getFirst().run();
            client.channel().runPendingTasks();
            assertThat(client.channel().config().isAutoRead()).isTrue();
            assertThat(inbound.value()).isZero();
        }
    }

    @Test
    void aRequestWithoutAnswerGetsNone() {
        KeepingHandler handler = new KeepingHandler();
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            client.send(ApiKeys.PRODUCE, 9, produce(0, new byte[10]));
            int second = client.send(ApiKeys.PRODUCE, 9, produce(1, new byte[10]));
            assertThat(client.receive(ApiKeys.PRODUCE, 9).orElseThrow().correlationId())
                    .isEqualTo(second);
        }
    }

    @Test
    void collectsARequestThatArrivesByteForByte() {
        KeepingHandler handler = new KeepingHandler();
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            ByteBuf frame = client.frame(ApiKeys.PRODUCE, 9, produce(1, new byte[100_000]));
            while (frame.isReadable()) {
                int next = Math.min(frame.readableBytes(), 777);
                client.channel().writeInbound(frame.readBytes(next));
            }
            frame.release();
            assertThat(handler.records.getFirst().remaining()).isEqualTo(100_000);
            assertThat(client.receive(ApiKeys.PRODUCE, 9)).isPresent();
        }
    }

    @Test
    void answersAnUnknownVersionOfApiVersionsAsVersionZero() {
        HeldHandler handler = new HeldHandler();
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            ByteBuf frame = client.frame(ApiKeys.API_VERSIONS, 3, new ApiVersionsRequestData());
            frame.setShort(6, 99);
            client.channel().writeInbound(frame);
            ApiVersionsResponseData answer =
                    (ApiVersionsResponseData)
                            client.receive(ApiKeys.API_VERSIONS, 0).orElseThrow().message();
            assertThat(answer.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
            assertThat(answer.apiKeys().find(ApiKeys.API_VERSIONS.id)).isNotNull();
            assertThat(client.channel().isOpen()).isTrue();
        }
    }

    @Test
    void closesAtAnApiThatIsNotOffered() {
        try (EmbeddedClient client = EmbeddedClient.of(new HeldHandler())) {
            client.send(ApiKeys.PRODUCE, 9, produce(1, new byte[1]));
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void closesAtGarbage() {
        List<byte[]> garbage =
                List.of(
                        "GET / HTTP/1.1\r\n\r\n"
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                        new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1},
                        new byte[] {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1},
                        new byte[] {0, 0, 0, 0},
                        new byte[] {0, 0, 0, 8, 0x7f, 0, 0, 0, 0, 0, 0, 0});
        for (byte[] bytes : garbage) {
            try (EmbeddedClient client = EmbeddedClient.of(new HeldHandler())) {
                client.channel().writeInbound(Unpooled.wrappedBuffer(bytes));
                assertThat(client.channel().isOpen()).isFalse();
                assertThat(
                                client.registry()
                                        .get("millrace.kafka.connections.malformed")
                                        .counter()
                                        .count())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aRequestThatCannotBeStartedAfterAnotherClosesTheConnection() {
        List<CompletableFuture<ListGroupsResponseData>> requests = new ArrayList<>();
        ApiHandler<ListGroupsRequestData, ListGroupsResponseData> handler =
                new ApiHandler<>() {
                    @Override
                    public ApiKeys api() {
                        return ApiKeys.LIST_GROUPS;
                    }

                    @Override
                    public boolean expectsAnswer(ListGroupsRequestData request) {
                        if (requests.isEmpty()) {
                            return true;
                        }
                        throw new IllegalStateException("a bug of this test");
                    }

                    @Override
                    public CompletableFuture<ListGroupsResponseData> handle(
                            RequestContext context, ListGroupsRequestData request) {
                        CompletableFuture<ListGroupsResponseData> answer =
                                new CompletableFuture<>();
                        requests.add(answer);
                        return answer;
                    }
                };
        try (EmbeddedClient client =
                EmbeddedClient.of(TestIdentities.ANONYMOUS, limits(1, 1 << 20), handler)) {
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            assertThat(client.channel().isOpen()).isTrue();
            requests.getFirst().complete(new ListGroupsResponseData());
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void aFailedTaskAtTheEndOfARequestDoesNotKeepTheOthersFromRunning() {
        List<String> ended = new ArrayList<>();
        ApiHandler<ListGroupsRequestData, ListGroupsResponseData> handler =
                new ApiHandler<>() {
                    @Override
                    public ApiKeys api() {
                        return ApiKeys.LIST_GROUPS;
                    }

                    @Override
                    public CompletableFuture<ListGroupsResponseData> handle(
                            RequestContext context, ListGroupsRequestData request) {
                        context.whenEnded(() -> {
                            throw new IllegalStateException("a bug of this test");
                        });
                        context.whenEnded(() -> ended.add("second task"));
                        return new CompletableFuture<>();
                    }
                };
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
        }
        assertThat(ended).hasSize(2);
    }

    @Test
    void aRequestOfManyFieldsDelaysTheNextUntilItsAnswer() {
        HeldHandler handler = new HeldHandler();
        ListGroupsRequestData large =
                new ListGroupsRequestData().setStatesFilter(Collections.nCopies(1_000_000, ""));
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            client.send(ApiKeys.LIST_GROUPS, VERSION, large);
            client.send(ApiKeys.LIST_GROUPS, VERSION, large);
            assertThat(handler.requests).hasSize(1);
            Gauge inbound = client.registry().get("millrace.kafka.inbound").gauge();
            assertThat(inbound.value()).as("counted for the node").isGreaterThan(64e6);
            handler.answer(0);
            assertThat(handler.requests).hasSize(2);
            handler.answer(1);
            client.channel().runPendingTasks();
            assertThat(inbound.value()).isZero();
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            assertThat(handler.requests).hasSize(4);
        }
    }

    @Test
    void ignoresBytesAfterTheLastField() {
        HeldHandler handler = new HeldHandler();
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            ByteBuf frame = client.frame(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            frame.writeZero(100);
            frame.setInt(0, frame.readableBytes() - Integer.BYTES);
            client.channel().writeInbound(frame);
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            assertThat(handler.requests).hasSize(2);
            assertThat(client.channel().isOpen()).isTrue();
        }
    }

    @Test
    void closesAtAnArrayThatClaimsMoreThanArrived() {
        try (EmbeddedClient client = EmbeddedClient.of(new HeldHandler())) {
            ByteBuf frame = client.frame(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            // The body is two empty compact arrays and the tagged fields.
            frame.setByte(frame.writerIndex() - 3, 0x70);
            client.channel().writeInbound(frame);
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void closesAtARequestBeforeAuthentication() {
        HeldHandler handler = new HeldHandler();
        try (EmbeddedClient client =
                EmbeddedClient.of(
                        TestIdentities.UNAUTHENTICATED, ConnectionLimits.STANDARD, handler)) {
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            assertThat(handler.requests).isEmpty();
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void cancelsRequestsOfAClosedConnection() {
        HeldHandler handler = new HeldHandler();
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            client.channel().close();
            assertThat(handler.requests.getFirst()).isCancelled();
        }
    }

    @Test
    void openConnectionsAreCounted() {
        try (EmbeddedClient client = EmbeddedClient.of(new HeldHandler())) {
            Gauge open = client.registry().get("millrace.kafka.connections").gauge();
            assertThat(open.value()).isEqualTo(1);
            client.channel().close();
            assertThat(open.value()).isZero();
        }
    }

    @Test
    void closesAtAFailureOfTheHandler() {
        HeldHandler handler = new HeldHandler();
        try (EmbeddedClient client = EmbeddedClient.of(handler)) {
            client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            handler.requests.getFirst().completeExceptionally(new CloseConnectionException("test"));
            client.channel().runPendingTasks();
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void requestsAboveTheQuotaWait() {
        HeldHandler handler = new HeldHandler();
        AtomicLong nanos = new AtomicLong();
        Quotas two =
                Quotas.NONE.with(
                        new Quota(new QuotaKey(Principal.ANONYMOUS.text(), QuotaKind.REQUESTS), 2));
        try (EmbeddedClient client =
                EmbeddedClient.of(new QuotaEnforcement(() -> two, nanos::get), handler)) {
            for (int i = 0; i < 5; i++) {
                client.send(ApiKeys.LIST_GROUPS, VERSION, new ListGroupsRequestData());
            }
            int atOnce = handler.requests.size();
            assertThat(atOnce).isBetween(2, 3);
            assertThat(client.channel().config().isAutoRead()).isFalse();

            for (int second = 0; second < 3; second++) {
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
                client.channel().advanceTimeBy(1, TimeUnit.SECONDS);
                client.channel().runScheduledPendingTasks();
            }
            assertThat(handler.requests).hasSize(5);
            assertThat(client.channel().config().isAutoRead()).isTrue();
            assertThat(
                            client.registry()
                                    .get("millrace.quota.throttle")
                                    .tag("kind", "requests")
                                    .timer()
                                    .totalTime(TimeUnit.SECONDS))
                    .isBetween(1.0, 3.0);
        }
    }
}
