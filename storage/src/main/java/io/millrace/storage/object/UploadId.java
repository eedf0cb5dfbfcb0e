package io.millrace.storage.object;

/**
 * The identity of a multipart upload, valid until completed or aborted.
 *
 * @param token an opaque value, unique among uploads of the key
 */
public record UploadId(ObjectKey key, String token) {

    @Override
    public String toString() {
        return key + " (upload " + token + ")";
    }
}
