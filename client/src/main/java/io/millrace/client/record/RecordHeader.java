package io.millrace.client.record;

import org.jspecify.annotations.Nullable;

/** A header of a record. Names may repeat; the value is not copied. */
@SuppressWarnings("ArrayRecordComponent") // headers are never compared
public record RecordHeader(String key, byte @Nullable [] value) {}
