/** Deletion of dereferenced objects after their grace period. */
@NullMarked
package io.millrace.compaction.sweep;

import org.jspecify.annotations.NullMarked;
