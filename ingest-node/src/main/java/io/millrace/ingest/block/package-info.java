/**
 * The open block and its sealing: layout, encoding and commit order of the batches in a WAL block.
 */
@NullMarked
package io.millrace.ingest.block;

import org.jspecify.annotations.NullMarked;
