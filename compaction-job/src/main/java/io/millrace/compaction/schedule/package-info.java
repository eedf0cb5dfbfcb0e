/** The scheduler of merges and key compaction. */
@NullMarked
package io.millrace.compaction.schedule;

import org.jspecify.annotations.NullMarked;
