package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Tests the handling of responses to a completion, sent by a server that the test controls. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3CompletionTest {

    private static final ObjectKey KEY = new ObjectKey("a/b");
    private static final String MARK_HEADER = "x-amz-meta-millrace-upload";
    private static final String NO_SUCH_UPLOAD =
            "<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>";

    private AnsweringServer server;
    private S3ObjectStore store;

    /** The mark that the server received. */
    private volatile String markOfTheUpload = "";

    private volatile String completion = "";

    /**
     * The responses to the completion and to the query for the object, which is absent if unset.
     */
    private volatile int completionStatus;

    private volatile String completionAnswer = "";
    private volatile Optional<String> markOfTheObject = Optional.empty();

    @BeforeAll
    void open() throws IOException {
        server = new AnsweringServer(this::answer);
        store = server.store();
    }

    @AfterAll
    void close() {
        server.close();
    }

    @BeforeEach
    void completeAnything() {
        completionStatus = 200;
        completionAnswer = "<CompleteMultipartUploadResult/>";
        markOfTheObject = Optional.empty();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                if (query.contains("uploadId")) {
                    completion = body;
                    AnsweringServer.say(exchange, completionStatus, completionAnswer);
                } else {
                    markOfTheUpload = exchange.getRequestHeaders().getFirst(MARK_HEADER);
                    AnsweringServer.say(
                            exchange,
                            200,
                            "<InitiateMultipartUploadResult><UploadId>7</UploadId>"
                                    + "</InitiateMultipartUploadResult>");
                }
            }
            case "HEAD" -> {
                markOfTheObject.ifPresent(
                        mark -> exchange.getResponseHeaders().set(MARK_HEADER, mark));
                exchange.sendResponseHeaders(markOfTheObject.isPresent() ? 200 : 404, -1);
            }
            default -> {
                exchange.getResponseHeaders().set("ETag", "\"tag\"");
                AnsweringServer.say(exchange, 200, "");
            }
        }
        exchange.close();
    }

    private MultipartUpload create() {
        return store.uploads()
                .create(KEY, MultipartUpload.MIN_PART_BYTES)
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    private CompletableFuture<Void> complete(MultipartUpload upload) {
        return store.uploads()
                .uploadPart(upload, 1, ObjectBody.of("hello".getBytes(StandardCharsets.UTF_8)))
                .thenCompose(part -> store.uploads().complete(upload, List.of(part)))
                .orTimeout(60, TimeUnit.SECONDS);
    }

    private static void assertMissing(CompletableFuture<Void> completion) {
        assertThatThrownBy(completion::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Missing.class)
                .hasMessageContaining("a/b");
    }

    @Test
    void theCompletionNamesEachPartWithItsChecksum() {
        complete(create()).join();

        // The CRC32C of "hello".
        assertThat(completion)
                .contains("<ChecksumCRC32C>mnG7TA==</ChecksumCRC32C>")
                .contains("<PartNumber>1</PartNumber>")
                .containsPattern("<ETag>.*tag.*</ETag>");
    }

    @Test
    void aCompletionThatHappenedBeforeIsKnownByTheMarkOfItsObject() {
        MultipartUpload upload = create();
        completionStatus = 404;
        completionAnswer = NO_SUCH_UPLOAD;
        markOfTheObject = Optional.of(markOfTheUpload);

        assertThat(complete(upload)).succeedsWithin(60, TimeUnit.SECONDS);
    }

    @Test
    void aMissingUploadIsNotConfusedWithAnotherOfItsKey() {
        MultipartUpload upload = create();
        MultipartUpload other = create();
        completionStatus = 404;
        completionAnswer = NO_SUCH_UPLOAD;
        markOfTheObject = Optional.of(markOfTheUpload);

        assertMissing(complete(upload));
        assertThat(complete(other)).succeedsWithin(60, TimeUnit.SECONDS);
    }

    @Test
    void anUploadWithoutAnObjectIsMissing() {
        MultipartUpload upload = create();
        completionStatus = 404;
        completionAnswer = NO_SUCH_UPLOAD;

        assertMissing(complete(upload));
    }

    /** S3 sends the status of a long completion before its result is known. */
    @Test
    void aFailureAfterASuccessStatusIsAFailure() {
        MultipartUpload upload = create();
        completionAnswer =
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<Error><Code>InternalError</Code>"
                        + "<Message>try again</Message></Error>";

        assertThatThrownBy(complete(upload)::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Unavailable.class);
    }
}
