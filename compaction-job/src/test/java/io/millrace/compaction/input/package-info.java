/** Tests of {@code io.millrace.compaction.input}. */
@NullMarked
package io.millrace.compaction.input;

import org.jspecify.annotations.NullMarked;
