/** Common parts of commands: connection options, output, exit codes, units and progress. */
@NullMarked
package io.millrace.cli.terminal;

import org.jspecify.annotations.NullMarked;
