/** In-memory caches of chunks and of recently written blocks. */
@NullMarked
package io.millrace.fetch.cache;

import org.jspecify.annotations.NullMarked;
