/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.state.security;

import org.jspecify.annotations.NullMarked;
