/** Sharing of loaded chunks among the fetch nodes of a zone. */
@NullMarked
package io.millrace.fetch.zone;

import org.jspecify.annotations.NullMarked;
