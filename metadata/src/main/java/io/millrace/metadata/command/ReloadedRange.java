package io.millrace.metadata.command;

import com.google.protobuf.ByteString;

/**
 * The extents of an offloaded range, as encoded in the extent manifest. Immutable.
 *
 * @param endOffset the offset after the last one, which identifies the range in its partition
 * @param content the encoded extents
 */
public record ReloadedRange(long topicId, int partition, long endOffset, ByteString content) {}
