/**
 * The port for distributed tracing: contexts, finished spans, and the choice of traced requests.
 */
@NullMarked
package io.millrace.runtime.trace;

import org.jspecify.annotations.NullMarked;
