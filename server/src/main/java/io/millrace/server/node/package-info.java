/** Wiring of a process: the components, their start order and stop order. */
@NullMarked
package io.millrace.server.node;

import org.jspecify.annotations.NullMarked;
