package io.millrace.storage.object.s3;

import io.millrace.storage.object.ObjectStoreException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Translates failures of the SDK into failures of the port. */
final class S3Failures {

    private S3Failures() {}

    static ObjectStoreException translated(String what, Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null ->
                    translated(what, wrapped.getCause());
            case ObjectStoreException known -> known;
            case SdkClientException wrapped
                    when wrapped.getCause() instanceof ObjectStoreException known ->
                    known;
            case AwsServiceException answered ->
                    ofResponse(what, answered.statusCode(), code(answered), answered);
            case SdkClientException client when mentions(client, "credentials") ->
                    new ObjectStoreException.RequestRejected(
                            what
                                    + ": no credentials for S3: set AWS_ACCESS_KEY_ID and"
                                    + " AWS_SECRET_ACCESS_KEY, or name a profile in AWS_PROFILE",
                            client);
            case SdkClientException client when mentions(client, "checksum") ->
                    new ObjectStoreException.Corrupt(
                            what + ": the received bytes do not match their checksum", client);
            default ->
                    new ObjectStoreException.Unavailable(
                            what + ": S3 could not be reached: " + failure.getMessage(), failure);
        };
    }

    static boolean isNoSuchUpload(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null ->
                    isNoSuchUpload(wrapped.getCause());
            case AwsServiceException answered -> code(answered).equals("NoSuchUpload");
            default -> false;
        };
    }

    private static String code(AwsServiceException answered) {
        return answered.awsErrorDetails() == null
                ? ""
                : String.valueOf(answered.awsErrorDetails().errorCode());
    }

    private static boolean mentions(SdkClientException failure, String word) {
        return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains(word);
    }

    static ObjectStoreException ofResponse(
            String what, int status, String code, @Nullable Throwable cause) {
        String said = what + ": S3 answered " + status + " " + code;
        return switch (code) {
            case "NoSuchBucket" ->
                    new ObjectStoreException.RequestRejected(
                            said + ": there is no such bucket: create it first", cause);
            case "InvalidPart" ->
                    new ObjectStoreException.Missing(
                            said + ": a part is missing or differs from the part that was sent",
                            cause);
            case "EntityTooSmall", "InvalidPartOrder" ->
                    new ObjectStoreException.RequestRejected(
                            said + ": the store does not accept parts of this size", cause);
            case "SlowDown", "Throttling", "TooManyRequests", "RequestLimitExceeded" ->
                    new ObjectStoreException.Throttled(said, cause);
            // A new request may find renewed credentials or a corrected clock.
            case "ExpiredToken", "RequestTimeTooSkewed", "RequestTimeout" ->
                    new ObjectStoreException.Unavailable(said, cause);
            case "BadDigest", "XAmzContentChecksumMismatch" ->
                    new ObjectStoreException.Unavailable(
                            said + ": the bytes were damaged in transit", cause);
            case "QuotaExceeded", "XMinioStorageFull" ->
                    new ObjectStoreException.Full(
                            said + ": no space left; free space in the bucket", cause);
            default -> byStatus(said, status, cause);
        };
    }

    private static ObjectStoreException byStatus(
            String said, int status, @Nullable Throwable cause) {
        return switch (status) {
            case 404, 416 -> new ObjectStoreException.Missing(said, cause);
            case 429 -> new ObjectStoreException.Throttled(said, cause);
            case 507 ->
                    new ObjectStoreException.Full(
                            said + ": no space left; free space in the bucket", cause);
            case 401, 403 ->
                    new ObjectStoreException.RequestRejected(
                            said + ": check the credentials and the bucket's permissions", cause);
            case 400, 405, 501, 301 ->
                    new ObjectStoreException.RequestRejected(
                            said + ": check the bucket's region and endpoint", cause);
            default -> new ObjectStoreException.Unavailable(said, cause);
        };
    }
}
