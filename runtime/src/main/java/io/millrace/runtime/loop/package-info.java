/** The serial executors that own mutable components. */
@NullMarked
package io.millrace.runtime.loop;

import org.jspecify.annotations.NullMarked;
