/** Consumer groups: who is a member, which partitions are whose, and how far they are. */
@NullMarked
package io.millrace.fetch.group;

import org.jspecify.annotations.NullMarked;
