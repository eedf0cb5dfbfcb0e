/** Execution of merges: copies batches from inputs into new segments and uploads them. */
@NullMarked
package io.millrace.compaction.rewrite;

import org.jspecify.annotations.NullMarked;
