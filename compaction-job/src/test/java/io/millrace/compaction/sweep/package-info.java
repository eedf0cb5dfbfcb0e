/** Tests of {@code io.millrace.compaction.sweep}. */
@NullMarked
package io.millrace.compaction.sweep;

import org.jspecify.annotations.NullMarked;
