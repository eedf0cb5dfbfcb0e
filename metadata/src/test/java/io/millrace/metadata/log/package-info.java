/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.log;

import org.jspecify.annotations.NullMarked;
