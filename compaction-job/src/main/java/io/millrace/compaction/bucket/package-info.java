/** What is in the bucket, why, and what of it is to go though nothing ever named it. */
@NullMarked
package io.millrace.compaction.bucket;

import org.jspecify.annotations.NullMarked;
