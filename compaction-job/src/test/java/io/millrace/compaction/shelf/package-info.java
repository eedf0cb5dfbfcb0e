/** Tests of unreadable extent manifests. */
@NullMarked
package io.millrace.compaction.shelf;

import org.jspecify.annotations.NullMarked;
