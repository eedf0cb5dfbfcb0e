package io.millrace.storage.object;

/**
 * Names an upload in parts, for as long as it is neither completed nor abandoned.
 *
 * @param key of the object that it will be
 * @param token tells it from other uploads of the key; what it looks like is the store's affair
 */
public record UploadId(ObjectKey key, String token) {

    @Override
    public String toString() {
        return key + " (upload " + token + ")";
    }
}
