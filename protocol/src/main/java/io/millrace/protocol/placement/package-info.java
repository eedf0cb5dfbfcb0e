/** Which node serves what, where nodes and clients must come to the same answer. */
@NullMarked
package io.millrace.protocol.placement;

import org.jspecify.annotations.NullMarked;
