/** Reading of inputs by ranges, with verification of pages and batches. */
@NullMarked
package io.millrace.compaction.input;

import org.jspecify.annotations.NullMarked;
