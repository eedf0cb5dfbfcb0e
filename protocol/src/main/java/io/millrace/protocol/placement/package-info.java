/** Placement of work on nodes, computed identically by nodes and clients. */
@NullMarked
package io.millrace.protocol.placement;

import org.jspecify.annotations.NullMarked;
