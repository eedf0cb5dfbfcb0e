/** Sharing of loaded chunks between the fetch nodes of a zone. */
@NullMarked
package io.millrace.fetch.zone;

import org.jspecify.annotations.NullMarked;
