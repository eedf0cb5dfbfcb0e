/** Tests of {@code io.millrace.security.authentication.methods}. */
@NullMarked
package io.millrace.security.authentication.methods;

import org.jspecify.annotations.NullMarked;
