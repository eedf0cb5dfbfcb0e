package io.millrace.storage.object;

/**
 * Identity of an upload in parts, valid until the upload is completed or abandoned.
 *
 * @param token an opaque value that distinguishes uploads of the same key
 */
public record UploadId(ObjectKey key, String token) {

    @Override
    public String toString() {
        return key + " (upload " + token + ")";
    }
}
