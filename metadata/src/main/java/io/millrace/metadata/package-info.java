/**
 * The cluster metadata: reading the replicated state, waiting for changes and proposing commands.
 */
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
