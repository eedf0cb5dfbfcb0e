package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.protocol.v1.peer.PeerGrpc;
import io.millrace.protocol.v1.peer.ReadChunkRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Start, output and stop of the packaged server as a process. */
@Timeout(180)
class UpIT {

    private static final Pattern READY =
            Pattern.compile(
                    "Millrace is ready: grpc=localhost:(\\d+) management=localhost:(\\d+) kafka=localhost:\\d+ data=.* bucket=file:.*");

    private static final Pattern TIMER_PART =
            Pattern.compile("_((active_)?count|(duration_)?sum|max|bucket)$");

    private static final Pattern ADOPTION = Pattern.compile("--adopt-bucket ([0-9a-f]{32})");

    @TempDir Path folder;

    @Test
    void itSaysInOneLineThatItIsReadyAndATerminationEndsItWithZero() throws Exception {
        Process server =
                start("up", "--data", folder + "/d", "--grpc-port", "0", "--management-port", "0");
        BufferedReader out = server.inputReader();
        assertThat(out.readLine()).matches(READY);
        server.toHandle().destroy();
        assertThat(out.readLine()).isNull();
        assertThat(server.waitFor()).isZero();
        assertThat(errors()).isEmpty();
    }

    @Test
    void aFolderOrPortInUseIsOneSentence() throws Exception {
        Process server =
                start("up", "--data", folder + "/d", "--grpc-port", "0", "--management-port", "0");
        Matcher ready = ready(server);
        rejected(
                "used by another",
                "--data",
                folder + "/d",
                "--grpc-port",
                "0",
                "--management-port",
                "0");
        rejected(
                "for gRPC",
                "--data",
                folder + "/e",
                "--management-port",
                "0",
                "--grpc-port",
                ready.group(1));
        rejected(
                "for health and metrics",
                "--data",
                folder + "/e",
                "--grpc-port",
                "0",
                "--management-port",
                ready.group(2));
        rejected(
                "bucket",
                "--data",
                folder + "/e",
                "--grpc-port",
                "0",
                "--management-port",
                "0",
                "--bucket",
                "file:/proc/nowhere");
        server.toHandle().destroy();
        assertThat(server.waitFor()).isZero();
    }

    @Test
    void aLostDataFolderIsReportedUntilTheOperatorAdoptsTheBucket() throws Exception {
        String[] first = atBucket("d");
        Process server = start(first);
        ready(server);
        server.toHandle().destroy();
        assertThat(server.waitFor()).isZero();
        String[] second = atBucket("e");
        rejected("is empty, but the bucket file:", Arrays.copyOfRange(second, 1, second.length));
        Matcher hint = ADOPTION.matcher(errors());
        assertThat(hint.find()).isTrue();
        List<String> adopting = new ArrayList<>(Arrays.asList(second));
        adopting.addAll(List.of("--adopt-bucket", hint.group(1)));
        Process adopted = start(adopting.toArray(String[]::new));
        ready(adopted);
        adopted.toHandle().destroy();
        assertThat(adopted.waitFor()).isZero();
        // Its log has the number of its node.
        rejected("another cluster named", Arrays.copyOfRange(first, 1, first.length));
    }

    private String[] atBucket(String data) {
        return new String[] {
            "up",
            "--data",
            folder.resolve(data).toString(),
            "--bucket",
            "file:" + folder.resolve("bucket"),
            "--grpc-port",
            "0",
            "--management-port",
            "0"
        };
    }

    @Test
    void healthIsServedAndMetersMatchTheDocumentation() throws Exception {
        Process server =
                start("up", "--data", folder + "/d", "--grpc-port", "0", "--management-port", "0");
        String management = "http://localhost:" + ready(server).group(2);
        assertThat(get(management + "/health/live").statusCode()).isEqualTo(200);
        assertThat(get(management + "/health/ready").statusCode()).isEqualTo(200);
        String scraped = get(management + "/metrics").body();
        assertThat(scraped).contains("process_cpu_time_ns_total");
        TreeSet<String> shown =
                scraped.lines()
                        .filter(line -> line.startsWith("millrace_"))
                        .map(line -> line.split("[{ ]", 2)[0])
                        .map(name -> TIMER_PART.matcher(name).replaceFirst(""))
                        .collect(Collectors.toCollection(TreeSet::new));
        TreeSet<String> documented =
                Files.readString(Path.of("../docs/metrics.md"))
                        .lines()
                        .filter(line -> line.startsWith("| `millrace_"))
                        // Exported by applications, and tested in the client.
                        .filter(line -> !line.startsWith("| `millrace_client_"))
                        .map(line -> line.split("[`{]", 3)[1])
                        .collect(Collectors.toCollection(TreeSet::new));
        // These meters appear once one of their labels or their feature is used, or with etcd.
        List<String> latecomers =
                List.of(
                        "millrace_etcd_failures_total",
                        "millrace_etcd_request_seconds",
                        "millrace_grpc_errors_total",
                        "millrace_kafka_errors_total",
                        "millrace_ingest_rejected_total",
                        "millrace_authorization_refusals_total",
                        "millrace_auth_authentications_total",
                        "millrace_auth_reloads_total",
                        "millrace_auth_oidc_keys_age_seconds",
                        "millrace_group_lag_records",
                        "millrace_group_lag_seconds",
                        "millrace_topic_size_bytes",
                        "millrace_topic_objects",
                        // These belong to TLS, which is off.
                        "millrace_tls_certificate_expiry_seconds",
                        "millrace_tls_reloads_total",
                        "millrace_tls_handshakes_total");
        documented.removeAll(latecomers);
        assertThat(shown).containsAll(documented);
        documented.addAll(latecomers);
        assertThat(documented).containsAll(shown);
        server.toHandle().destroy();
        assertThat(server.waitFor()).isZero();
    }

    @Test
    void aRejectedCallIsCountedByItsReasonAndLoggedAsJsonWithItsMethod() throws Exception {
        Process server =
                start(
                        Map.of("MILLRACE_LOG_FORMAT", "json"),
                        "up",
                        "--data",
                        folder + "/d",
                        "--grpc-port",
                        "0",
                        "--management-port",
                        "0");
        Matcher ready = ready(server);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("localhost", Integer.parseInt(ready.group(1)))
                        .usePlaintext()
                        .build();
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() ->
                        PeerGrpc.newBlockingStub(channel)
                                .readChunk(ReadChunkRequest.getDefaultInstance())
                                .next());
        channel.shutdownNow();
        assertThat(get("http://localhost:" + ready.group(2) + "/metrics").body())
                .contains(
                        "millrace_grpc_errors_total{method=\"millrace.internal.v1.Peer/ReadChunk\",reason=\"unauthenticated\"} 1.0");
        server.toHandle().destroy();
        assertThat(server.waitFor()).isZero();
        JsonNode line = new ObjectMapper().readTree(errors());
        assertThat(line.path("level").asText()).isEqualTo("WARN");
        assertThat(line.path("method").asText()).isEqualTo("millrace.internal.v1.Peer/ReadChunk");
        assertThat(line.path("message").asText()).contains("Only nodes of the cluster");
    }

    @Test
    void metricsNeedTheTokenAndHealthDoesNot() throws Exception {
        String token = "a-token-of-metrics";
        Path file = Files.writeString(folder.resolve("token"), token + "\n");
        Process server =
                start(
                        Map.of("MILLRACE_METRICS_TOKEN_FILE", file.toString()),
                        "up",
                        "--data",
                        folder + "/d",
                        "--grpc-port",
                        "0",
                        "--management-port",
                        "0");
        String management = "http://localhost:" + ready(server).group(2);
        assertThat(get(management + "/health/ready").statusCode()).isEqualTo(200);
        assertThat(get(management + "/health").statusCode()).isEqualTo(200);
        for (String path :
                List.of("/metrics", "/metrics/", "//metrics", "/healthy/../metrics", "/other")) {
            assertThat(get(management + path).statusCode()).as(path).isEqualTo(401);
        }
        assertThat(get(management + "/metrics").body()).contains("millrace.metrics-token-file");
        assertThat(get(management + "/metrics", "Authorization", "Bearer " + token).body())
                .contains("process_cpu_time_ns_total");
        server.toHandle().destroy();
        assertThat(server.waitFor()).isZero();
    }

    private void rejected(String named, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("up"));
        all.addAll(Arrays.asList(arguments));
        Process rejected = start(all.toArray(String[]::new));
        assertThat(rejected.inputReader().readLine()).isNull();
        assertThat(rejected.waitFor()).isEqualTo(1);
        assertThat(errors()).contains(named).hasLineCount(1);
    }

    private Matcher ready(Process server) throws IOException {
        Matcher ready = READY.matcher(server.inputReader().readLine());
        assertThat(ready.matches()).isTrue();
        return ready;
    }

    private HttpResponse<String> get(String uri, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private String errors() throws IOException {
        return Files.readString(folder.resolve("errors")).strip();
    }

    private Process start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-Xmx400m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                                "-jar",
                                "target/app/millrace.jar"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(folder.resolve("errors").toFile());
        builder.environment().put("MILLRACE_KAFKA_PORT", "0");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.onExit()
                .orTimeout(170, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly());
        return process;
    }
}
