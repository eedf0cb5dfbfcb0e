package io.millrace.storage.object.s3;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** The range of a GET that checks the response. Owned by the event loop. */
final class RequestedRange {

    private final ObjectKey key;
    private final ByteRange range;
    private long objectBytes = Long.MAX_VALUE;

    RequestedRange(ObjectKey key, ByteRange range) {
        this.key = key;
        this.range = range;
    }

    static GetObjectRequest request(String bucket, ObjectKey key, ByteRange range) {
        return GetObjectRequest.builder()
                .bucket(bucket)
                .key(key.value())
                .range("bytes=" + range.start() + "-" + (range.end() - 1))
                .build();
    }

    ByteRange range() {
        return range;
    }

    /**
     * Checks and records the range of the response.
     *
     * @return the number of bytes that follow, at most the length of the range
     * @throws ObjectStoreException.Corrupt if the response is for other bytes
     */
    int checkResponse(GetObjectResponse response) {
        String contentRange = response.contentRange();
        if (contentRange == null || !contentRange.startsWith("bytes " + range.start() + "-")) {
            throw new ObjectStoreException.Corrupt(
                    "get %s: requested bytes from %d, received %s"
                            .formatted(key, range.start(), contentRange),
                    null);
        }
        objectBytes = number(contentRange.substring(contentRange.indexOf('/') + 1));
        String last =
                contentRange.substring(
                        contentRange.indexOf('-') + 1,
                        Math.max(contentRange.indexOf('-') + 1, contentRange.indexOf('/')));
        Long contentLength = response.contentLength();
        long bytes = contentLength != null ? contentLength : number(last) + 1 - range.start();
        if (bytes > range.length()) {
            throw tooLong();
        }
        return (int) Math.max(0, bytes);
    }

    /** Returns {@link Long#MAX_VALUE} for a text that is not a number. */
    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException unknown) {
            return Long.MAX_VALUE;
        }
    }

    ObjectStoreException tooLong() {
        return new ObjectStoreException.Corrupt(
                "get %s: received more than the %d requested bytes".formatted(key, range.length()),
                null);
    }

    /** Returns the failure of a response that ended {@code missing} bytes early. */
    ObjectStoreException tooShort(int missing) {
        return objectBytes < range.end()
                ? new ObjectStoreException.Missing(
                        "get %s: the object has only %d bytes".formatted(key, objectBytes), null)
                : new ObjectStoreException.Unavailable(
                        "get %s: the response ended %d bytes early".formatted(key, missing), null);
    }
}
