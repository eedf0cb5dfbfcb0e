/** Tests of {@code io.millrace.group.routing}. */
@NullMarked
package io.millrace.group.routing;

import org.jspecify.annotations.NullMarked;
