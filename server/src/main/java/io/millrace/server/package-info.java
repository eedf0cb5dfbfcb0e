/** The server process: entry point, command-line options and application life cycle. */
@NullMarked
package io.millrace.server;

import org.jspecify.annotations.NullMarked;
