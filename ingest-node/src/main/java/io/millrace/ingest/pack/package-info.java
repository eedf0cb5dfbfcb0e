/** Packing of many producers' records into compressed batches. */
@NullMarked
package io.millrace.ingest.pack;

import org.jspecify.annotations.NullMarked;
