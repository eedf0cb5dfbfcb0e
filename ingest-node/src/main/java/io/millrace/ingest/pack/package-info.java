/** Packing: records of many producers become one compressed batch. */
@NullMarked
package io.millrace.ingest.pack;

import org.jspecify.annotations.NullMarked;
