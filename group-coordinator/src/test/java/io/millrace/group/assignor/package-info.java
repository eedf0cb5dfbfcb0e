/** Tests of {@code io.millrace.group.assignor}. */
@NullMarked
package io.millrace.group.assignor;

import org.jspecify.annotations.NullMarked;
