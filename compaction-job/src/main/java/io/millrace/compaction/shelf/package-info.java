/** Keeps the number of extents that nodes have in memory bounded, whatever is retained. */
@NullMarked
package io.millrace.compaction.shelf;

import org.jspecify.annotations.NullMarked;
