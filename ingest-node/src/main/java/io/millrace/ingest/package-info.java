/** Admission of produce requests, sealing of blocks and allocation of producer ids. */
@NullMarked
package io.millrace.ingest;

import org.jspecify.annotations.NullMarked;
