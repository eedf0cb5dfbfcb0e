/** Tests. */
@NullMarked
package io.millrace.compaction.bucket;

import org.jspecify.annotations.NullMarked;
