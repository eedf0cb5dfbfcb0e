/** Tests of {@code io.millrace.group.lag}. */
@NullMarked
package io.millrace.group.lag;

import org.jspecify.annotations.NullMarked;
