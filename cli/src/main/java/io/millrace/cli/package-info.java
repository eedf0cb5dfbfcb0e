/** The millrace command: entry point and dispatch to subcommands. */
@NullMarked
package io.millrace.cli;

import org.jspecify.annotations.NullMarked;
