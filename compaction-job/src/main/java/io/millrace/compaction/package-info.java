/**
 * Shared parts of all jobs of a compaction node: division of work, cooldowns, and probing of the
 * bucket after failures.
 *
 * <p>The jobs are merging and key compaction ({@code schedule}, {@code merge}, {@code key}, with
 * {@code input} and {@code rewrite} for the execution), retention, offloading, and the deletion of
 * unreferenced objects ({@code sweep}, {@code bucket}). A planner or policy decides on a
 * <em>spec</em>, a <em>job</em> is a scheduled spec, and an <em>attempt</em> is one execution of a
 * job, which may fail and be repeated.
 */
@NullMarked
package io.millrace.compaction;

import org.jspecify.annotations.NullMarked;
