/** Tests of {@code io.millrace.group}. */
@NullMarked
package io.millrace.group;

import org.jspecify.annotations.NullMarked;
