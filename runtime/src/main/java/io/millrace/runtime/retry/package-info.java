/** Back-off: pauses between attempts. */
@NullMarked
package io.millrace.runtime.retry;

import org.jspecify.annotations.NullMarked;
