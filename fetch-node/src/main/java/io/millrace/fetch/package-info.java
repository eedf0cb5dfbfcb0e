/** The request path of a fetch node: long-polled fetches, offset lookups and reads of extents. */
@NullMarked
package io.millrace.fetch;

import org.jspecify.annotations.NullMarked;
