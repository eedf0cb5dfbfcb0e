/** Tests of what becomes of old data. */
@NullMarked
package io.millrace.compaction.shelf;

import org.jspecify.annotations.NullMarked;
