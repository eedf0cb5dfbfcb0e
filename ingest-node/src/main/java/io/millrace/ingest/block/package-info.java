/** The open block, its sealing and the commit order. */
@NullMarked
package io.millrace.ingest.block;

import org.jspecify.annotations.NullMarked;
