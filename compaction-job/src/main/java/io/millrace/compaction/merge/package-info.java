/** Many small objects become few large ones. */
@NullMarked
package io.millrace.compaction.merge;

import org.jspecify.annotations.NullMarked;
