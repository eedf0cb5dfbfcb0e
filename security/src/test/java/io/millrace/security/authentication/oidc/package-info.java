/** Tests of {@code io.millrace.security.authentication.oidc}. */
@NullMarked
package io.millrace.security.authentication.oidc;

import org.jspecify.annotations.NullMarked;
