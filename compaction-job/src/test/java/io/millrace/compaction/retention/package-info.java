/** Tests of {@code io.millrace.compaction.retention}. */
@NullMarked
package io.millrace.compaction.retention;

import org.jspecify.annotations.NullMarked;
