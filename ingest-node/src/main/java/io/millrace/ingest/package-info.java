/** The write path: batches become WAL blocks, blocks become commits. */
@NullMarked
package io.millrace.ingest;

import org.jspecify.annotations.NullMarked;
