/** Access to the machine, and failures of futures. */
@NullMarked
package io.millrace.runtime;

import org.jspecify.annotations.NullMarked;
