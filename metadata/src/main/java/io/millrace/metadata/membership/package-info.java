/** Which nodes of a cluster live, and what follows from that. */
@NullMarked
package io.millrace.metadata.membership;

import org.jspecify.annotations.NullMarked;
