/** The request path of a fetch node: fetches, offset lookups and reads of extents. */
@NullMarked
package io.millrace.fetch;

import org.jspecify.annotations.NullMarked;
