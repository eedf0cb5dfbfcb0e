/** Tests of {@code io.millrace.ingest.block}. */
@NullMarked
package io.millrace.ingest.block;

import org.jspecify.annotations.NullMarked;
