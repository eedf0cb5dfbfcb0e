package io.millrace.metadata.command;

import io.millrace.storage.stream.ObjectId;

/**
 * An unreferenced object in the bucket.
 *
 * @param sizeBytes the size in the bucket's listing
 */
public record CondemnedObject(ObjectId id, long sizeBytes) {}
