/** Placement of work, computed identically by nodes and clients. */
@NullMarked
package io.millrace.protocol.placement;

import org.jspecify.annotations.NullMarked;
