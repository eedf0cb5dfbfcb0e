/** The merge policy: chooses which WAL blocks and segments are merged, and when. Pure. */
@NullMarked
package io.millrace.compaction.merge;

import org.jspecify.annotations.NullMarked;
