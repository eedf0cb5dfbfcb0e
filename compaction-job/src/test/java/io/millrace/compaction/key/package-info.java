/** Tests of {@code io.millrace.compaction.key}. */
@NullMarked
package io.millrace.compaction.key;

import org.jspecify.annotations.NullMarked;
