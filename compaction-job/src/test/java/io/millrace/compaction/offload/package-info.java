/** Tests of {@code io.millrace.compaction.offload}. */
@NullMarked
package io.millrace.compaction.offload;

import org.jspecify.annotations.NullMarked;
