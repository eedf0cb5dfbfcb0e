/** Tests of {@code io.millrace.metadata.state.group}. */
@NullMarked
package io.millrace.metadata.state.group;

import org.jspecify.annotations.NullMarked;
