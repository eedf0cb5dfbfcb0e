/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.quota;

import org.jspecify.annotations.NullMarked;
