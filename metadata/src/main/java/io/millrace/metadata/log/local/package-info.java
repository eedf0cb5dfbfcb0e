/** The metadata log of a single process: recent entries in files, older entries in objects. */
@NullMarked
package io.millrace.metadata.log.local;

import org.jspecify.annotations.NullMarked;
