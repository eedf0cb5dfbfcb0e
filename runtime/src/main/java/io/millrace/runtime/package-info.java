/** Direct access to the machine, and the failures of futures. */
@NullMarked
package io.millrace.runtime;

import org.jspecify.annotations.NullMarked;
