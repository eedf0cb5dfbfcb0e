package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.ObjectStoreException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3FailuresTest {

    private static ObjectStoreException answered(int status, String code) {
        return S3Failures.translated(
                "put a/b",
                new CompletionException(
                        S3Exception.builder()
                                .statusCode(status)
                                .awsErrorDetails(
                                        AwsErrorDetails.builder()
                                                .errorCode(code)
                                                .errorMessage("said")
                                                .build())
                                .build()));
    }

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchKey, Missing",
        "416, InvalidRange, Missing",
        "404, NoSuchUpload, Missing",
        "400, InvalidPart, Missing",
        "400, EntityTooSmall, RequestRejected",
        "404, NoSuchBucket, RequestRejected",
        "403, AccessDenied, RequestRejected",
        "400, AuthorizationHeaderMalformed, RequestRejected",
        "400, ExpiredToken, Unavailable",
        "403, RequestTimeTooSkewed, Unavailable",
        "400, BadDigest, Unavailable",
        "503, SlowDown, Throttled",
        "429, Anything, Throttled",
        "500, InternalError, Unavailable",
        "503, ServiceUnavailable, Unavailable",
        "507, Anything, Full",
        "400, QuotaExceeded, Full",
    })
    void responsesAreTranslatedByCodeAndStatus(int status, String code, String expected) {
        ObjectStoreException failure = answered(status, code);
        assertThat(failure.getClass().getSimpleName()).isEqualTo(expected);
        assertThat(failure).hasMessageContaining("put a/b").hasMessageContaining(code);
    }

    @Test
    void missingCredentialsAreRejectedWithAdvice() {
        assertThat(
                        S3Failures.translated(
                                "put a/b",
                                SdkClientException.create(
                                        "Unable to load credentials from any of the providers")))
                .isInstanceOf(ObjectStoreException.RequestRejected.class)
                .hasMessageContaining("AWS_ACCESS_KEY_ID");
    }

    @Test
    void damagedBytesAreCorrupt() {
        assertThat(S3Failures.translated("get a/b", SdkClientException.create("Checksum mismatch")))
                .isInstanceOf(ObjectStoreException.Corrupt.class);
    }

    @Test
    void aServerThatCannotBeReachedIsUnavailable() {
        assertThat(
                        S3Failures.translated(
                                "get a/b", SdkClientException.create("Connection refused")))
                .isInstanceOf(ObjectStoreException.Unavailable.class)
                .hasMessageContaining("Connection refused");
    }

    @Test
    void failuresOfThePortAreNotTranslated() {
        ObjectStoreException known = new ObjectStoreException.Corrupt("known", null);
        assertThat(S3Failures.translated("get a/b", new CompletionException(known)))
                .isSameAs(known);
        assertThat(S3Failures.translated("get a/b", SdkClientException.create("wrapped", known)))
                .isSameAs(known);
    }
}
