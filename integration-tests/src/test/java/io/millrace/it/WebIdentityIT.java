package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server without keys takes a role by the token of its pod, as with IAM roles on EKS. */
class WebIdentityIT {

    private static final String CREDENTIALS =
            """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult>
                <Credentials>
                  <AccessKeyId>of-the-role</AccessKeyId>
                  <SecretAccessKey>secret</SecretAccessKey>
                  <SessionToken>session</SessionToken>
                  <Expiration>2100-01-01T00:00:00Z</Expiration>
                </Credentials>
              </AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>
            """;

    @TempDir Path folder;

    private final Queue<String> exchanged = new ConcurrentLinkedQueue<>();
    private final Queue<String> credentials = new ConcurrentLinkedQueue<>();
    private HttpServer cloud;

    @BeforeEach
    void startTheCloud() throws IOException {
        cloud = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        cloud.createContext("/", this::exchangeToken);
        cloud.createContext("/bucket", this::refuse);
        cloud.start();
    }

    @AfterEach
    void stopTheCloud() {
        cloud.stop(0);
    }

    @Test
    void theTokenOfThePodIsExchangedForCredentialsOfTheBucket() throws Exception {
        String address = "http://127.0.0.1:" + cloud.getAddress().getPort();
        Path token = Files.writeString(folder.resolve("token"), "token-of-the-pod");
        Map<String, String> pod =
                Map.of(
                        "AWS_WEB_IDENTITY_TOKEN_FILE", token.toString(),
                        "AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/millrace",
                        "AWS_REGION", "eu-central-1",
                        "AWS_ACCESS_KEY_ID", "",
                        "AWS_SECRET_ACCESS_KEY", "",
                        "AWS_ENDPOINT_URL_STS", address + "/");
        String data = folder.resolve("data").toString();
        MillraceCommandLine.Result refused =
                MillraceCommandLine.runProcess(
                        pod,
                        "up",
                        "--data",
                        data,
                        "--bucket",
                        "s3://bucket",
                        "--s3-endpoint",
                        address,
                        "--grpc-port",
                        "0",
                        "--management-port",
                        "0",
                        "--kafka-port",
                        "off");
        assertThat(refused.err()).contains("AccessDenied");
        assertThat(exchanged)
                .isNotEmpty()
                .allSatisfy(request ->
                        assertThat(request)
                                .contains("AssumeRoleWithWebIdentity", "token-of-the-pod"));
        assertThat(credentials)
                .isNotEmpty()
                .allSatisfy(header -> assertThat(header).contains("Credential=of-the-role/"));
    }

    private void exchangeToken(HttpExchange exchange) throws IOException {
        exchanged.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        answer(exchange, 200, CREDENTIALS);
    }

    private void refuse(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        credentials.add(exchange.getRequestHeaders().getFirst("Authorization"));
        answer(exchange, 403, "<Error><Code>AccessDenied</Code></Error>");
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/xml");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
