/** Metrics of a fetch node. */
@NullMarked
package io.millrace.fetch.metrics;

import org.jspecify.annotations.NullMarked;
