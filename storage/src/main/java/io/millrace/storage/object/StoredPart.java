package io.millrace.storage.object;

/**
 * A stored part of an upload.
 *
 * @param number the number of the part, from 1
 * @param receipt an opaque value, required for the completion
 */
public record StoredPart(int number, int sizeBytes, String receipt) {}
