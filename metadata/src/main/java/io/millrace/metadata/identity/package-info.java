/**
 * The identity of a cluster, which its metadata log and its bucket have in common, and the secret
 * of its nodes.
 */
@NullMarked
package io.millrace.metadata.identity;

import org.jspecify.annotations.NullMarked;
