/**
 * The parts that all jobs of a compaction node share: division of work, cooldowns and probing of
 * the bucket after failures.
 */
@NullMarked
package io.millrace.compaction;

import org.jspecify.annotations.NullMarked;
