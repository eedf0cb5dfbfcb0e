/** Tests of {@code io.millrace.compaction.rewrite}. */
@NullMarked
package io.millrace.compaction.rewrite;

import org.jspecify.annotations.NullMarked;
