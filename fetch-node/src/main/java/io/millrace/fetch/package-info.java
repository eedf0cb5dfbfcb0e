/**
 * The request path of a fetch node: long-polled fetches, offset look-ups and the reading of
 * extents.
 */
@NullMarked
package io.millrace.fetch;

import org.jspecify.annotations.NullMarked;
