/** The state of topics and partitions: extents, offloaded ranges and stream objects. */
@NullMarked
package io.millrace.metadata.state.partition;

import org.jspecify.annotations.NullMarked;
