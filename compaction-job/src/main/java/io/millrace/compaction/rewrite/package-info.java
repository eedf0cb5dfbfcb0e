/** Execution of merges and key compactions: copies batches from inputs into new segments. */
@NullMarked
package io.millrace.compaction.rewrite;

import org.jspecify.annotations.NullMarked;
