/** Chunks: the fixed-size parts of stream objects that caches hold. */
@NullMarked
package io.millrace.fetch.chunk;

import org.jspecify.annotations.NullMarked;
