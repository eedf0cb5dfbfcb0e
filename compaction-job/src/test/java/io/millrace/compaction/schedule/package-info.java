/** Tests of {@code io.millrace.compaction.schedule}. */
@NullMarked
package io.millrace.compaction.schedule;

import org.jspecify.annotations.NullMarked;
