package io.millrace.storage.object;

/**
 * A part that arrived.
 *
 * @param number from 1
 * @param receipt what the store wants to see again when the upload is completed
 */
public record StoredPart(int number, int sizeBytes, String receipt) {}
