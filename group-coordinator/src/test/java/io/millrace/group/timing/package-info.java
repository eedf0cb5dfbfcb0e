/** Tests of {@code io.millrace.group}. */
@NullMarked
package io.millrace.group.timing;

import org.jspecify.annotations.NullMarked;
