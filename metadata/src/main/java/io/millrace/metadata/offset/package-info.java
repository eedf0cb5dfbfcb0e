/** Offset look-ups by position or time, and their results. */
@NullMarked
package io.millrace.metadata.offset;

import org.jspecify.annotations.NullMarked;
