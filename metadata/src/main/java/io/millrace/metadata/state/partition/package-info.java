/**
 * The state of topics and partitions: extents in memory, offloaded ranges, stream objects and the
 * validation of merges and offloads.
 */
@NullMarked
package io.millrace.metadata.state.partition;

import org.jspecify.annotations.NullMarked;
