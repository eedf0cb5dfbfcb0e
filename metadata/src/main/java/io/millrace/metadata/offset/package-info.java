/** Look-ups of offsets by position or time. */
@NullMarked
package io.millrace.metadata.offset;

import org.jspecify.annotations.NullMarked;
