/** In-memory caches of chunks and recent writes. */
@NullMarked
package io.millrace.fetch.cache;

import org.jspecify.annotations.NullMarked;
