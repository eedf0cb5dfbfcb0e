package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.observation.ClientObservation;
import io.millrace.client.observation.opentelemetry.OpenTelemetryTracing;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadRecord;
import io.millrace.it.SpanReceiver.Received;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces of an application, a server and a collector as processes see them. */
class TracingIT {

    private static final TopicPartition P0 = new TopicPartition("t", 0);
    private static final String CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @TempDir Path data;

    private static Map<String, String> tracingTo(SpanReceiver collector, String sample) {
        return Map.of(
                "MILLRACE_TRACING",
                "otlp",
                "MILLRACE_TRACING_ENDPOINT",
                collector.endpoint(),
                "MILLRACE_TRACING_SAMPLE",
                sample);
    }

    private static OpenTelemetrySdk application(SpanReceiver collector) {
        OtlpHttpSpanExporter exporter =
                OtlpHttpSpanExporter.builder()
                        .setEndpoint(collector.endpoint() + "/v1/traces")
                        .build();
        return OpenTelemetrySdk.builder()
                .setTracerProvider(
                        SdkTracerProvider.builder()
                                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                                .build())
                .build();
    }

    @Test
    void aTraceReachesFromTheProducerThroughTheBlockToTheConsumer() {
        try (SpanReceiver collector = new SpanReceiver();
                MillraceProcess server = MillraceProcess.up(data, tracingTo(collector, "0"));
                OpenTelemetrySdk application = application(collector)) {
            OpenTelemetryTracing tracing = new OpenTelemetryTracing(application);
            try (MillraceClient client =
                            MillraceClient.connect(
                                    ClientSettings.of(server.address()),
                                    ClientObservation.of(tracing));
                    Producer producer = client.producer()) {
                client.topics().create("t", 1, Map.of());
                producer.send(OutgoingRecord.of("t", null, new byte[] {1}));
                Span order = application.getTracer("test").spanBuilder("order").startSpan();
                try (Scope current = order.makeCurrent()) {
                    producer.send(OutgoingRecord.of("t", null, new byte[] {2}));
                } finally {
                    order.end();
                }
                producer.flush();
                read(client, 2).forEach(record -> tracing.process(record).end());
            }
            fetchWithContext(server);

            Received order = collector.await("order");
            Received send = collector.await("send t");
            Received produce = collector.await("produce");
            Received block = collector.await("block");
            collector.await("apply");
            assertThat(collector.childrenOf(order)).containsExactly(send);
            assertThat(collector.childrenOf(send))
                    .extracting(Received::name)
                    .containsExactlyInAnyOrder("produce", "process t");
            assertThat(collector.childrenOf(produce)).containsExactly(block);
            assertThat(block.links()).containsExactly(produce.spanId());
            assertThat(collector.childrenOf(block))
                    .extracting(Received::name)
                    .containsExactlyInAnyOrder("wait", "upload", "order", "append", "apply");
            assertThat(List.of(send, produce, block))
                    .extracting(Received::traceId)
                    .containsOnly(order.traceId());
            // The clocks of both processes are one.
            assertThat(produce.startNanos()).isBetween(send.startNanos(), send.endNanos());
            assertThat(block.startNanos()).isBetween(produce.startNanos(), produce.endNanos());

            Received fetch = collector.await("Fetch");
            assertThat(fetch.parentId()).isEqualTo("b7ad6b7169203331");
            assertThat(fetch.failed()).isFalse();
            assertThat(collector.named("CreateTopic")).isEmpty();
            assertThat(server.terminate()).isZero();
        }
    }

    @Test
    void sampledRequestsWithoutATraceStartOneAndAreExportedAtTheStop() {
        try (SpanReceiver collector = new SpanReceiver();
                MillraceProcess server = MillraceProcess.up(data, tracingTo(collector, "1"))) {
            server.createTopic("t", 1);
            try (MillraceClient client = MillraceClient.connect(server.address());
                    Producer producer = client.producer()) {
                producer.send(OutgoingRecord.of("t", null, new byte[] {1}));
                producer.flush();
            }
            assertThat(server.terminate()).isZero();
            Received produce = collector.named("produce").getFirst();
            assertThat(produce.parentId()).isEmpty();
            assertThat(collector.childrenOf(produce))
                    .extracting(Received::name)
                    .containsExactly("block");
        }
    }

    @Test
    void withoutTracingNoClassOfOpenTelemetryIsLoaded() throws Exception {
        Path loaded = data.resolve("classes");
        Map<String, String> logged =
                Map.of("MILLRACE_JAVA_OPTS", "-Xlog:class+load:file=" + loaded + ":none");
        try (MillraceProcess server = MillraceProcess.up(data.resolve("d"), logged)) {
            server.createTopic("t", 1);
            try (ManagedChannelOf channel = new ManagedChannelOf(server);
                    MillraceClient client = MillraceClient.connect(server.address());
                    Producer producer = client.producer()) {
                producer.send(OutgoingRecord.of("t", null, new byte[] {1}));
                producer.flush();
                fetch(channel.channel(), CONTEXT);
            }
            assertThat(server.terminate()).isZero();
        }
        assertThat(Files.readString(loaded))
                .contains("io.millrace.ingest.commit.BlockSpans")
                .doesNotContain("io.opentelemetry")
                .doesNotContain("io.millrace.server.trace")
                .doesNotContain("TracedService");
    }

    /** A channel that is closed with its test. */
    private record ManagedChannelOf(ManagedChannel channel) implements AutoCloseable {
        ManagedChannelOf(MillraceProcess server) {
            this(server.connect());
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    private static void fetchWithContext(MillraceProcess server) {
        try (ManagedChannelOf channel = new ManagedChannelOf(server)) {
            fetch(channel.channel(), CONTEXT);
        }
    }

    private static void fetch(ManagedChannel channel, String traceparent) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), traceparent);
        FetchGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .fetch(
                        FetchRequest.newBuilder()
                                .addPartitions(FetchPartition.newBuilder().setTopic("t"))
                                .build());
    }

    private static List<ReadRecord> read(MillraceClient client, int count) {
        try (Reader reader =
                client.reader(ReaderSettings.defaults(), Map.of(P0, StartPosition.beginning()))) {
            List<ReadRecord> records = new java.util.ArrayList<>();
            while (records.size() < count) {
                records.addAll(reader.pollRecords(Duration.ofSeconds(20)));
            }
            return records;
        }
    }
}
