/** Limits the traffic of principals at a node by delays. */
@NullMarked
package io.millrace.security.quota;

import org.jspecify.annotations.NullMarked;
