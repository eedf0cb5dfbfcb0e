/** Tests of {@code io.millrace.ingest.sequence}. */
@NullMarked
package io.millrace.ingest.sequence;

import org.jspecify.annotations.NullMarked;
