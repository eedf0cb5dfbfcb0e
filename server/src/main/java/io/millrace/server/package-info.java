/** The runnable: the command line's entry, settings, and the wiring of a process. */
@NullMarked
package io.millrace.server;

import org.jspecify.annotations.NullMarked;
