package io.millrace.metadata.command;

import io.millrace.storage.stream.ObjectId;

/**
 * An object in the bucket that nothing names.
 *
 * @param sizeBytes as the bucket lists it
 */
public record CondemnedObject(ObjectId id, long sizeBytes) {}
