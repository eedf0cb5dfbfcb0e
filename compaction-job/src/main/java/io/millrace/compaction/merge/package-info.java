/** The merge policy: chooses WAL blocks and segments to merge. */
@NullMarked
package io.millrace.compaction.merge;

import org.jspecify.annotations.NullMarked;
