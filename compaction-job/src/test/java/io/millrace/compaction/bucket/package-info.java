/** Tests of {@code io.millrace.compaction.bucket}. */
@NullMarked
package io.millrace.compaction.bucket;

import org.jspecify.annotations.NullMarked;
