/** Stored bytes and objects, by level and by topic. */
@NullMarked
package io.millrace.compaction.usage;

import org.jspecify.annotations.NullMarked;
