/** Retention: advances log start offsets by time and by size. */
@NullMarked
package io.millrace.compaction.retention;

import org.jspecify.annotations.NullMarked;
