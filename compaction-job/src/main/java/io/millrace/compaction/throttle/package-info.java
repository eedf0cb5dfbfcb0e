/** Throttling of merges, so that producers keep their share of disk, network and processor. */
@NullMarked
package io.millrace.compaction.throttle;

import org.jspecify.annotations.NullMarked;
