/** The metadata log port: the one order of everything, and how it is kept and read. */
@NullMarked
package io.millrace.metadata.log;

import org.jspecify.annotations.NullMarked;
