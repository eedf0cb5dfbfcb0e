/**
 * Shared parts of all jobs of a compaction node: division of work, cooldowns and probes of the
 * bucket.
 *
 * <p>A planner or policy decides on a <em>spec</em>. A <em>job</em> is a scheduled spec, and an
 * <em>attempt</em> is one execution of a job.
 */
@NullMarked
package io.millrace.compaction;

import org.jspecify.annotations.NullMarked;
