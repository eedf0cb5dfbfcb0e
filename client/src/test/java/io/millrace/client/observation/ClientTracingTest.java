package io.millrace.client.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.FakeServer;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.observation.opentelemetry.OpenTelemetryTracing;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.record.RecordHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientTracingTest {

    private static final TopicPartition P0 = new TopicPartition("t", 0);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FinishedSpans spans = new FinishedSpans();
    private final OpenTelemetrySdk telemetry = telemetry(Sampler.alwaysOn());
    private final FakeServer server = new FakeServer();
    private final MillraceClient client = traced(telemetry);

    private OpenTelemetrySdk telemetry(Sampler sampler) {
        return OpenTelemetrySdk.builder()
                .setTracerProvider(
                        SdkTracerProvider.builder()
                                .setSampler(sampler)
                                .addSpanProcessor(spans)
                                .build())
                .build();
    }

    private MillraceClient traced(OpenTelemetrySdk by) {
        return MillraceClient.connect(
                ClientSettings.of(server.address()),
                ClientObservation.of(new OpenTelemetryTracing(by)));
    }

    @BeforeEach
    void createTopic() {
        client.topics().create("t", 1, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static OutgoingRecord record(String value) {
        return OutgoingRecord.of("t", null, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a record within a span of the application, and returns that span. */
    private static Span send(Producer producer, OpenTelemetrySdk by, OutgoingRecord record) {
        Tracer application = by.getTracer("application");
        Span order = application.spanBuilder("order").startSpan();
        try (Scope current = order.makeCurrent()) {
            producer.send(record);
        } finally {
            order.end();
        }
        return order;
    }

    private List<ReadRecord> read(int count) {
        try (Reader reader =
                client.reader(ReaderSettings.defaults(), Map.of(P0, StartPosition.beginning()))) {
            List<ReadRecord> records = reader.pollRecords(LONG);
            assertThat(records).hasSize(count);
            return records;
        }
    }

    @Test
    void aTraceReachesFromTheApplicationThroughTheNodeToTheConsumer() {
        Span order;
        try (Producer producer = client.producer()) {
            order = send(producer, telemetry, record("a"));
        }
        SpanData send = spans.named("send t");
        assertThat(send.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(send.getParentSpanId()).isEqualTo(order.getSpanContext().getSpanId());
        assertThat(send.getAttributes().get(AttributeKey.longKey("millrace.offset"))).isZero();
        String context = "00-" + send.getTraceId() + "-" + send.getSpanId() + "-01";
        assertThat(server.traceContexts()).containsExactly(context);

        ReadRecord record = read(1).getFirst();
        new OpenTelemetryTracing(telemetry).process(record).end();
        SpanData process = spans.named("process t");
        assertThat(process.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(process.getTraceId()).isEqualTo(order.getSpanContext().getTraceId());
        assertThat(process.getParentSpanId()).isEqualTo(send.getSpanId());
    }

    @Test
    void aForwardedRecordCarriesTheNewContextOnly() {
        RecordHeader old =
                new RecordHeader(ClientTracing.HEADER, "old".getBytes(StandardCharsets.UTF_8));
        RecordHeader own = new RecordHeader("own", new byte[] {1});
        try (Producer producer = client.producer()) {
            send(producer, telemetry, record("a").withHeaders(List.of(old, own)));
        }
        assertThat(read(1).getFirst().headers())
                .extracting(RecordHeader::key)
                .containsExactly("own", ClientTracing.HEADER);
        assertThat(server.traceContexts().getFirst()).contains(spans.named("send t").getSpanId());
    }

    @Test
    void recordsWithoutASampledSpanAreNotTraced() {
        OpenTelemetrySdk unsampled = telemetry(Sampler.alwaysOff());
        try (MillraceClient other = traced(unsampled);
                Producer producer = other.producer()) {
            producer.send(record("without a span"));
            send(producer, unsampled, record("not sampled"));
        }
        assertThat(spans.count()).isZero();
        assertThat(server.traceContexts()).containsOnly("");
        assertThat(read(2)).allSatisfy(record -> assertThat(record.headers()).isEmpty());
    }

    @Test
    void aRejectedRecordIsAFailedSpan() {
        server.next(
                new FakeServer.Fault.RejectBatch(
                        new Problem(Reason.TIMESTAMP_TOO_FAR_AHEAD, "Too far.")));
        try (Producer producer = client.producer()) {
            send(producer, telemetry, record("a"));
        }
        assertThat(spans.named("send t").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(spans.named("send t").getStatus().getDescription()).contains("Too far.");
    }

    @Test
    void aRecordThatIsNeverSentIsAFailedSpan() {
        try (Producer producer = client.producer()) {
            assertThatThrownBy(() -> send(producer, telemetry, record("a").withPartition(9)));
        }
        assertThat(spans.named("send t").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void aBatchCarriesTheContextOfItsFirstTracedRecord() {
        ProducerSettings settings = ProducerSettings.builder().linger(Duration.ofHours(1)).build();
        try (Producer producer = client.producer(settings)) {
            producer.send(record("untraced"));
            send(producer, telemetry, record("a"));
            producer.flush();
        }
        assertThat(server.traceContexts()).hasSize(1);
        assertThat(server.traceContexts().getFirst()).contains(spans.named("send t").getSpanId());
    }

    @Test
    void aRecordThatIsTriedIsTracedToo() {
        try (Producer producer = client.producer()) {
            producer.whenReady("t").join();
            Span order = telemetry.getTracer("application").spanBuilder("order").startSpan();
            try (Scope current = order.makeCurrent()) {
                assertThat(producer.trySend(record("a")).map(sent -> sent.join().offset()))
                        .isEqualTo(Optional.of(0L));
            }
        }
        assertThat(server.traceContexts().getFirst()).contains(spans.named("send t").getSpanId());
    }
}
