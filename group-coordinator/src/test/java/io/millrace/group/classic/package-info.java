/** Tests of {@code io.millrace.group}. */
@NullMarked
package io.millrace.group.classic;

import org.jspecify.annotations.NullMarked;
