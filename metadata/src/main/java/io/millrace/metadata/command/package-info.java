/** Commands: everything that must be decided once, as data. */
@NullMarked
package io.millrace.metadata.command;

import org.jspecify.annotations.NullMarked;
