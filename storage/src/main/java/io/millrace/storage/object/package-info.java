/** The object store port. */
@NullMarked
package io.millrace.storage.object;

import org.jspecify.annotations.NullMarked;
