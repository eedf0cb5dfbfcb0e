/** Consumer groups: members, partition leases and committed offsets. */
@NullMarked
package io.millrace.metadata.group;

import org.jspecify.annotations.NullMarked;
