/** Tests of the shared parts of compaction jobs. */
@NullMarked
package io.millrace.compaction;

import org.jspecify.annotations.NullMarked;
