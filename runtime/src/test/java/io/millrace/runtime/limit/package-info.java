/** Tests of {@code io.millrace.runtime.limit}. */
@NullMarked
package io.millrace.runtime.limit;

import org.jspecify.annotations.NullMarked;
