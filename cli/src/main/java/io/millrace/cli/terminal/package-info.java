/** Common parts of commands: options, output and units. */
@NullMarked
package io.millrace.cli.terminal;

import org.jspecify.annotations.NullMarked;
