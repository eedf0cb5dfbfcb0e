/** What becomes of old data. */
@NullMarked
package io.millrace.compaction;

import org.jspecify.annotations.NullMarked;
