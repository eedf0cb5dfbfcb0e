/** Gaps in the sequences of idempotent producers. */
@NullMarked
package io.millrace.ingest.sequence;

import org.jspecify.annotations.NullMarked;
