/** In-memory caches of chunks and of recently written objects. */
@NullMarked
package io.millrace.fetch.cache;

import org.jspecify.annotations.NullMarked;
