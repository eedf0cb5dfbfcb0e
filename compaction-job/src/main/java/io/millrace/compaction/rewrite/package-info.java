/**
 * Execution of merges and key compactions: copies batches from inputs into new segments. {@link
 * io.millrace.compaction.rewrite.PlannedSegment} is the spec; a merge or a key compaction run is
 * the job; {@link io.millrace.compaction.rewrite.MergeAttempt} is one attempt.
 */
@NullMarked
package io.millrace.compaction.rewrite;

import org.jspecify.annotations.NullMarked;
