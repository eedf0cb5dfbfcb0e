/** Offloading of cold extents into extent manifests, and reloading them. */
@NullMarked
package io.millrace.compaction.offload;

import org.jspecify.annotations.NullMarked;
