/** Lag of consumer groups, in records and in time. */
@NullMarked
package io.millrace.group.lag;

import org.jspecify.annotations.NullMarked;
