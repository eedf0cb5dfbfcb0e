package io.millrace.storage.object;

/**
 * A stored part of an upload.
 *
 * @param number the number of the part, from 1
 * @param receipt an opaque value that the store requires to complete the upload
 */
public record StoredPart(int number, int sizeBytes, String receipt) {}
