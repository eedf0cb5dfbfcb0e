/** The identity of a cluster, which its metadata log and its bucket have in common. */
@NullMarked
package io.millrace.metadata.identity;

import org.jspecify.annotations.NullMarked;
