package io.millrace.metadata.command;

import com.google.protobuf.ByteString;

/**
 * The extents of an offloaded range, as encoded in the extent manifest.
 *
 * @param endOffset exclusive; identifies the range in its partition
 */
public record ReloadedRange(long topicId, int partition, long endOffset, ByteString content) {}
