package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The headers of encryption, as a server receives them. */
class S3EncryptionTest {

    private static final String PREFIX = "x-amz-server-side-encryption";
    private static final ObjectKey KEY = new ObjectKey("a/b");

    /** The headers of encryption by the request, such as "PUT" or "POST uploads". */
    private final Map<String, Map<String, String>> received = new TreeMap<>();

    private final ConcurrentLinkedQueue<Map.Entry<String, Map<String, String>>> arrived =
            new ConcurrentLinkedQueue<>();

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        String name =
                exchange.getRequestMethod()
                        + (query.contains("partNumber")
                                ? " part"
                                : query.contains("uploads")
                                        ? " start"
                                        : query.contains("uploadId") ? " completion" : "");
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((header, values) -> {
                    String key = header.toLowerCase(Locale.ROOT);
                    if (key.startsWith(PREFIX)) {
                        headers.put(key.substring(PREFIX.length()), values.getFirst());
                    }
                });
        arrived.add(Map.entry(name, headers));
        exchange.getResponseHeaders().set("ETag", "\"tag\"");
        AnsweringServer.say(
                exchange,
                200,
                name.equals("POST start")
                        ? "<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"
                        : name.equals("POST completion") ? "<CompleteMultipartUploadResult/>" : "");
        exchange.close();
    }

    /** Makes each kind of request that writes. */
    private Map<String, Map<String, String>> writeWith(ObjectEncryption encryption)
            throws Exception {
        ObjectBody body = ObjectBody.of("hello".getBytes(StandardCharsets.UTF_8));
        try (AnsweringServer server =
                new AnsweringServer(this::answer, Runnable::run, encryption)) {
            server.store().put(KEY, body).get(60, TimeUnit.SECONDS);
            MultipartUpload upload =
                    server.store()
                            .uploads()
                            .create(KEY, MultipartUpload.MIN_PART_BYTES)
                            .get(60, TimeUnit.SECONDS);
            server.store()
                    .uploads()
                    .uploadPart(upload, 1, body)
                    .thenCompose(part -> server.store().uploads().complete(upload, List.of(part)))
                    .get(60, TimeUnit.SECONDS);
        }
        arrived.forEach(each -> received.put(each.getKey(), each.getValue()));
        assertThat(received.keySet())
                .containsExactlyInAnyOrder("PUT", "POST start", "PUT part", "POST completion");
        return received;
    }

    @Test
    void theBucketDecidesByDefault() throws Exception {
        assertThat(writeWith(new ObjectEncryption.OfBucket()).values())
                .allSatisfy(headers -> assertThat(headers).isEmpty());
    }

    @Test
    void putsAndStartsOfUploadsCarryTheMethod() throws Exception {
        Map<String, Map<String, String>> all = writeWith(new ObjectEncryption.S3Keys());

        assertThat(all.get("PUT")).isEqualTo(Map.of("", "AES256"));
        assertThat(all.get("POST start")).isEqualTo(Map.of("", "AES256"));
        // S3 rejects parts with the header.
        assertThat(all.get("PUT part")).isEmpty();
    }

    @Test
    void aKeyIsNamed() throws Exception {
        Map<String, Map<String, String>> all =
                writeWith(new ObjectEncryption.KmsKey(Optional.of("alias/logs")));

        Map<String, String> wanted =
                Map.of(
                        "", "aws:kms",
                        "-aws-kms-key-id", "alias/logs",
                        "-bucket-key-enabled", "true");
        assertThat(all.get("PUT")).isEqualTo(wanted);
        assertThat(all.get("POST start")).isEqualTo(wanted);
    }

    @Test
    void withoutAKeyTheServiceHasOne() throws Exception {
        assertThat(writeWith(new ObjectEncryption.KmsKey(Optional.empty())).get("PUT"))
                .isEqualTo(Map.of("", "aws:kms", "-bucket-key-enabled", "true"));
    }
}
