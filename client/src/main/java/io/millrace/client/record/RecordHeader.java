package io.millrace.client.record;

import org.jspecify.annotations.Nullable;

/**
 * A header of a record.
 *
 * @param key the name of the header; names may repeat
 * @param value the value, which is not copied; may be null
 */
@SuppressWarnings("ArrayRecordComponent") // headers are never compared
public record RecordHeader(String key, byte @Nullable [] value) {}
