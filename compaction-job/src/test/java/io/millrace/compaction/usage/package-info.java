/** Tests of {@code io.millrace.compaction.usage}. */
@NullMarked
package io.millrace.compaction.usage;

import org.jspecify.annotations.NullMarked;
