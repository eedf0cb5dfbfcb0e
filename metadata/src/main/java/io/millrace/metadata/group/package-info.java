/**
 * Consumer groups: members, leases of partitions and committed offsets, as the log decided them.
 */
@NullMarked
package io.millrace.metadata.group;

import org.jspecify.annotations.NullMarked;
