/** Timeouts of sessions, in the ticks of a clock that stands still while the node is suspended. */
@NullMarked
package io.millrace.group.timing;

import org.jspecify.annotations.NullMarked;
