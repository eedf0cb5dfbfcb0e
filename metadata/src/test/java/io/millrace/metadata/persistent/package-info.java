/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.persistent;

import org.jspecify.annotations.NullMarked;
