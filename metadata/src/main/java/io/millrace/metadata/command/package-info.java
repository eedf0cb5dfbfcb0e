/** Commands of the metadata log and their outcomes. */
@NullMarked
package io.millrace.metadata.command;

import org.jspecify.annotations.NullMarked;
