/** The server process: commands and life cycle. */
@NullMarked
package io.millrace.server;

import org.jspecify.annotations.NullMarked;
