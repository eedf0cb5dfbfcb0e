/** Offloading of cold extents into extent manifests, and reloading of offloaded extents. */
@NullMarked
package io.millrace.compaction.offload;

import org.jspecify.annotations.NullMarked;
