/** Tests of {@code io.millrace.metadata.state.partition}. */
@NullMarked
package io.millrace.metadata.state.partition;

import org.jspecify.annotations.NullMarked;
