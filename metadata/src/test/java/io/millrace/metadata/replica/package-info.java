/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.replica;

import org.jspecify.annotations.NullMarked;
