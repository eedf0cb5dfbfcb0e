package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.subscription.BatchHandler;
import io.millrace.client.subscription.Subscription;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.protocol.v1.SecurityGrpc;
import io.millrace.protocol.v1.SubscriptionGrpc;
import io.millrace.protocol.v1.peer.GroupSessionGrpc;
import io.millrace.protocol.v1.peer.PeerGrpc;
import io.millrace.runtime.SystemAccess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that authenticates clients by static tokens and by tokens of a local issuer. */
@Timeout(120)
@SystemAccess("signs tokens that expire by the system clock")
class AuthenticationIT {

    private static final Duration BOUND = Duration.ofSeconds(60);

    /** The allowed clock skew, for which a token is valid after its expiry. */
    private static final long SKEW_MS = 30_000;

    /** All services of a server; those of nodes have an authentication of their own. */
    private static final List<ServiceDescriptor> SERVICES =
            List.of(
                    AdminGrpc.getServiceDescriptor(),
                    BucketGrpc.getServiceDescriptor(),
                    FetchGrpc.getServiceDescriptor(),
                    GroupsGrpc.getServiceDescriptor(),
                    IngestGrpc.getServiceDescriptor(),
                    SecurityGrpc.getServiceDescriptor(),
                    SubscriptionGrpc.getServiceDescriptor(),
                    ServerReflectionGrpc.getServiceDescriptor(),
                    PeerGrpc.getServiceDescriptor(),
                    GroupSessionGrpc.getServiceDescriptor());

    @TempDir private static Path folder;
    private static RsaJsonWebKey key;
    private static HttpServer issuer;
    private static Path tokenFile;
    private static MillraceProcess server;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws Exception {
        key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("k");
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve(
                "/.well-known/openid-configuration",
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuerUrl(), issuerUrl()));
        serve("/keys", new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY));
        issuer.start();
        tokenFile = folder.resolve("app.token");
        MillraceCommandLine.Result created =
                MillraceCommandLine.run("token", "create", "app", "--out", tokenFile.toString())
                        .ok();
        Path tokens = Files.writeString(folder.resolve("tokens"), created.text());
        server =
                MillraceProcess.up(
                        folder.resolve("data"),
                        Map.of(
                                "MILLRACE_AUTH",
                                "token,oidc",
                                "MILLRACE_AUTH_TOKENS_FILE",
                                tokens.toString(),
                                "MILLRACE_OIDC_ISSUER",
                                issuerUrl(),
                                "MILLRACE_OIDC_AUDIENCE",
                                "millrace",
                                "MILLRACE_SUPER_USERS",
                                "User:app;User:alice"));
        channel = server.connect();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        server.close();
        issuer.stop(0);
    }

    private static String issuerUrl() {
        return "http://localhost:" + issuer.getAddress().getPort();
    }

    private static void serve(String path, String content) {
        byte[] body = content.getBytes(UTF_8);
        issuer.createContext(
                path,
                exchange -> {
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
    }

    /** Returns a token that the server accepts for the time. */
    private static String token(Duration life) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(issuerUrl());
        claims.setAudience("millrace");
        claims.setSubject("alice");
        claims.setExpirationTime(
                NumericDate.fromMilliseconds(
                        System.currentTimeMillis() + life.toMillis() - SKEW_MS));
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setKey(key.getPrivateKey());
        signature.setKeyIdHeaderValue(key.getKeyId());
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        try {
            return signature.getCompactSerialization();
        } catch (JoseException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Channel with(String token) {
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + token);
        return ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    private static Status call(Channel over, MethodDescriptor<?, ?> method) {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        ClientCall<byte[], byte[]> call =
                over.newCall(
                        method.toBuilder(new Bytes(), new Bytes()).build(),
                        CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                new Metadata());
        call.request(2);
        call.sendMessage(new byte[0]);
        call.halfClose();
        return ended.join();
    }

    @Test
    void withoutATokenOnlyTheHealthServiceAnswers() {
        assertThat(
                        HealthGrpc.newBlockingStub(channel)
                                .check(HealthCheckRequest.getDefaultInstance())
                                .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        for (ServiceDescriptor service : SERVICES) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                for (Channel over : List.of(channel, with("mlr_unknown"), with("a.b.c"))) {
                    assertThat(call(over, method).getCode())
                            .as(method.getFullMethodName())
                            .isEqualTo(Status.Code.UNAUTHENTICATED);
                }
            }
        }
    }

    /** The list above is complete. */
    @Test
    void withATokenReflectionNamesAllServices() throws Exception {
        BlockingQueue<ServerReflectionResponse> responses = new LinkedBlockingQueue<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(with(Files.readString(tokenFile).strip()))
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse response) {
                                        responses.add(response);
                                    }

                                    @Override
                                    public void onError(Throwable failure) {}

                                    @Override
                                    public void onCompleted() {}
                                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        ServerReflectionResponse response = responses.poll(60, TimeUnit.SECONDS);
        requests.onCompleted();
        assertThat(response).isNotNull();
        Set<String> expected = new TreeSet<>();
        SERVICES.forEach(service -> expected.add(service.getName()));
        expected.add(HealthGrpc.SERVICE_NAME);
        assertThat(response.getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void commandsSendTheTokenOfAFile() {
        String[] at = {"--server", server.address()};
        MillraceCommandLine.Result refused =
                MillraceCommandLine.run("topic", "create", "c", at[0], at[1]);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("no credentials").contains("--token-file");
        String[] by = {"--token-file", tokenFile.toString()};
        MillraceCommandLine.run("topic", "create", "c", at[0], at[1], by[0], by[1]).ok();
        assertThat(MillraceCommandLine.run("topic", "list", at[0], at[1], by[0], by[1]).ok().text())
                .contains("c");
    }

    @Test
    void aProducerAndASubscriptionContinueWhenTheirTokenExpires() throws Exception {
        Eventually.await(
                "the keys of the issuer",
                () ->
                        call(with(token(Duration.ofHours(1))), AdminGrpc.getDescribeClusterMethod())
                                .isOk());
        Duration life = Duration.ofSeconds(4);
        long expiresNanos = System.nanoTime() + life.toNanos();
        String first = token(life);
        String second = token(Duration.ofHours(1));
        long refreshNanos = expiresNanos - Duration.ofSeconds(1).toNanos();
        CompletableFuture<Status> ended = streamEnd(first);
        ClientSettings settings =
                ClientSettings.of(server.address())
                        .withTokens(() -> System.nanoTime() - refreshNanos < 0 ? first : second);
        Queue<String> handled = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<ProduceResult>> sent = new ArrayList<>();
        try (MillraceClient client = MillraceClient.connect(settings)) {
            client.topics().create("t", 1, Map.of());
            BatchHandler handler =
                    (batch, subscription) -> {
                        for (ReadRecord record : batch) {
                            handled.add(UTF_8.decode(record.value()).toString());
                        }
                    };
            try (Subscription subscription = client.subscribe("g", List.of("t"), handler);
                    Producer producer = client.producer()) {
                // Until well after the end of the first token.
                while (!ended.isDone() || sent.size() < 100) {
                    byte[] value = ("" + sent.size()).getBytes(UTF_8);
                    sent.add(producer.send(OutgoingRecord.of("t", null, value)));
                    producer.flush();
                }
                for (int i = 0; i < 10; i++) {
                    byte[] value = ("" + sent.size()).getBytes(UTF_8);
                    sent.add(producer.send(OutgoingRecord.of("t", null, value)));
                    producer.flush();
                }
                assertThat(Producer.await(sent, BOUND)).hasSize(sent.size());
                Eventually.await("all records", () -> handled.size() >= sent.size());
                assertThat(subscription.done()).isNotDone();
            }
            List<String> all = IntStream.range(0, sent.size()).mapToObj(i -> "" + i).toList();
            assertThat(stored(client)).isEqualTo(all);
            assertThat(Set.copyOf(handled)).containsExactlyInAnyOrderElementsOf(all);
        }
        assertThat(ended.join().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(ended.join().getDescription()).contains("token expired");
    }

    private static List<String> stored(MillraceClient client) {
        List<String> values = new ArrayList<>();
        try (Reader reader =
                client.reader(
                        ReaderSettings.defaults(),
                        Map.of(new TopicPartition("t", 0), StartPosition.beginning()))) {
            for (List<ReadRecord> records = reader.pollRecords(Duration.ofSeconds(2));
                    !records.isEmpty();
                    records = reader.pollRecords(Duration.ofSeconds(2))) {
                records.forEach(record -> values.add(UTF_8.decode(record.value()).toString()));
            }
        }
        return values;
    }

    /** Opens a produce stream, and returns its end. */
    private static CompletableFuture<Status> streamEnd(String token) {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        StreamObserver<ProduceStreamRequest> unused =
                ClientCalls.asyncBidiStreamingCall(
                        with(token)
                                .newCall(IngestGrpc.getProduceStreamMethod(), CallOptions.DEFAULT),
                        new StreamObserver<ProduceStreamResponse>() {
                            @Override
                            public void onNext(ProduceStreamResponse response) {}

                            @Override
                            public void onError(Throwable failure) {
                                ended.complete(Status.fromThrowable(failure));
                            }

                            @Override
                            public void onCompleted() {
                                ended.complete(Status.OK);
                            }
                        });
        return ended;
    }
}
