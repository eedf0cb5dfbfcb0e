package io.millrace.storage.object;

/**
 * A stored part of an upload.
 *
 * @param number the number of the part, from 1
 * @param etag the store's opaque tag of the bytes, required for the completion
 */
public record StoredPart(int number, int sizeBytes, String etag) {}
