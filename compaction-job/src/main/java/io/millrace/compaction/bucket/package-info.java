/** Inspection and clean-up of the bucket: orphans, stale uploads, missing and damaged objects. */
@NullMarked
package io.millrace.compaction.bucket;

import org.jspecify.annotations.NullMarked;
