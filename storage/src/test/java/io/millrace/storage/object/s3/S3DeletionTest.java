package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the result of a deletion with errors in S3's response. */
class S3DeletionTest {

    private static final ObjectKey A = new ObjectKey("a/1");
    private static final ObjectKey B = new ObjectKey("a/2");
    private static final ObjectKey C = new ObjectKey("a/3");

    private static DeleteResult deleted(int status, String answer) throws IOException {
        try (AnsweringServer server =
                new AnsweringServer(exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    AnsweringServer.say(exchange, status, answer);
                    exchange.close();
                })) {
            return server.store().delete(List.of(A, B, C)).join();
        }
    }

    private static String error(String key, String code) {
        return "<Error><Key>%s</Key><Code>%s</Code><Message>said</Message></Error>"
                .formatted(key, code);
    }

    private static String result(String errors) {
        return "<DeleteResult>" + errors + "</DeleteResult>";
    }

    @Test
    void keysWithoutAnErrorAreDeleted() throws IOException {
        assertThat(deleted(200, result("")).isComplete()).isTrue();
    }

    @Test
    void theKeysOfErrorsAreReportedWithTheirFailures() throws IOException {
        DeleteResult result =
                deleted(200, result(error("a/3", "AccessDenied") + error("a/1", "InternalError")));
        assertThat(result.failures()).containsOnlyKeys(A, C);
        assertThat(result.failures().get(A)).isInstanceOf(ObjectStoreException.Unavailable.class);
        assertThat(result.failures().get(C))
                .isInstanceOf(ObjectStoreException.RequestRejected.class)
                .hasMessageContaining("a/3");
    }

    @Test
    void aKeyWithoutAnObjectCountsAsDeleted() throws IOException {
        assertThat(deleted(200, result(error("a/2", "NoSuchKey"))).isComplete()).isTrue();
    }

    @Test
    void anErrorThatNamesNoneOfTheKeysFailsTheDeletion() {
        assertThatThrownBy(() -> deleted(200, result(error("other", "InternalError"))))
                .hasCauseInstanceOf(ObjectStoreException.Unavailable.class);
    }

    @Test
    void anAnswerThatRefusesTheRequestFailsTheDeletion() {
        assertThatThrownBy(() -> deleted(403, error("", "AccessDenied")))
                .hasCauseInstanceOf(ObjectStoreException.RequestRejected.class);
    }
}
