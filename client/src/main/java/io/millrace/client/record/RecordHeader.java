package io.millrace.client.record;

import org.jspecify.annotations.Nullable;

/**
 * A header of a record.
 *
 * @param key its name; keys may repeat
 * @param value not copied; null means null
 */
@SuppressWarnings("ArrayRecordComponent") // headers are compared by nobody
public record RecordHeader(String key, byte @Nullable [] value) {}
