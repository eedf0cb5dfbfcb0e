/** Tests of {@code io.millrace.security.authentication.token}. */
@NullMarked
package io.millrace.security.authentication.token;

import org.jspecify.annotations.NullMarked;
