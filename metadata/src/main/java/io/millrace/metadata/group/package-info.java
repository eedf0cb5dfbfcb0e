/** Consumer groups in the applied state: members, leases of partitions and committed offsets. */
@NullMarked
package io.millrace.metadata.group;

import org.jspecify.annotations.NullMarked;
