/** Constants of meters. */
@NullMarked
package io.millrace.runtime.metrics;

import org.jspecify.annotations.NullMarked;
