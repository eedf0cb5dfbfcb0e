/** Execution of merges and key compactions: copies batches from inputs into new segments. {@link io.millrace.compaction.rewrite.PlannedSegment} is the spec, {@link io.millrace.compaction.rewrite.CompactionWork} the job, {@link io.millrace.compaction.rewrite.MergeAttempt} one attempt. */
@NullMarked
package io.millrace.compaction.rewrite;

import org.jspecify.annotations.NullMarked;
