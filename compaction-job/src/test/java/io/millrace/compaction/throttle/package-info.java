/** Tests of {@code io.millrace.compaction.throttle}. */
@NullMarked
package io.millrace.compaction.throttle;

import org.jspecify.annotations.NullMarked;
