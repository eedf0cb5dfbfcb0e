/** Tests of {@code io.millrace.group.coordinator}. */
@NullMarked
package io.millrace.group.coordinator;

import org.jspecify.annotations.NullMarked;
