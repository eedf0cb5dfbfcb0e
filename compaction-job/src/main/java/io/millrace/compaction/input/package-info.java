/** Reading of merge inputs by ranges, with checks of pages and batches. */
@NullMarked
package io.millrace.compaction.input;

import org.jspecify.annotations.NullMarked;
