package io.millrace.metadata.command;

import com.google.protobuf.ByteString;

/**
 * Extents of one partition as they lie in a manifest. Immutable.
 *
 * @param endOffset the offset behind the last one, by which a row is known
 * @param content their bytes
 */
public record ReloadedRange(long topicId, int partition, long endOffset, ByteString content) {}
