/** The replicated cluster metadata and the proposal of commands. */
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
