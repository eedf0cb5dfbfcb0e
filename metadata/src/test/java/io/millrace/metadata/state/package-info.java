/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.state;

import org.jspecify.annotations.NullMarked;
