/** The coordinator of consumer groups. One event loop owns its state. */
@NullMarked
package io.millrace.group.coordinator;

import org.jspecify.annotations.NullMarked;
