/** The state of consumer groups: members, partition leases and committed offsets. */
@NullMarked
package io.millrace.metadata.state.group;

import org.jspecify.annotations.NullMarked;
