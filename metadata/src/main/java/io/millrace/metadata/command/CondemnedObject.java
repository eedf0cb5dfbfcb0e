package io.millrace.metadata.command;

import io.millrace.storage.stream.ObjectId;

/** An orphan and its size in the bucket. */
public record CondemnedObject(ObjectId id, long sizeBytes) {}
