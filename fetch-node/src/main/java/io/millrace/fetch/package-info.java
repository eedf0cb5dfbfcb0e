/** The read path: extents, the caches, and replies with their offsets. */
@NullMarked
package io.millrace.fetch;

import org.jspecify.annotations.NullMarked;
