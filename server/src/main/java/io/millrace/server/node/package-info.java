/** The wiring: which parts a process has, in which order they begin and end. */
@NullMarked
package io.millrace.server.node;

import org.jspecify.annotations.NullMarked;
