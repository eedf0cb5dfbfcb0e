/**
 * The restore of a cluster's metadata from its bucket alone: the choice of a checkpoint and its
 * archives, and their replay.
 */
@NullMarked
package io.millrace.metadata.restore;

import org.jspecify.annotations.NullMarked;
