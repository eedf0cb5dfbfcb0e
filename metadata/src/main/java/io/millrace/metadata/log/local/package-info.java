/** The metadata log of a single process: files for the present, objects for the past. */
@NullMarked
package io.millrace.metadata.log.local;

import org.jspecify.annotations.NullMarked;
