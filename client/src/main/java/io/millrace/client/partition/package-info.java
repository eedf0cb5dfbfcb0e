/** A partition by topic name and number, and the positions at which reading starts. */
@NullMarked
package io.millrace.client.partition;

import org.jspecify.annotations.NullMarked;
