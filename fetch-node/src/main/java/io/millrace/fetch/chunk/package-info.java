/** Chunks, the fixed-size parts of stream objects in caches. */
@NullMarked
package io.millrace.fetch.chunk;

import org.jspecify.annotations.NullMarked;
