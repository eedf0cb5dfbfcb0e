/** Signed tokens of an OpenID Connect issuer, verified with the issuer's published keys. */
@NullMarked
package io.millrace.security.authentication.oidc;

import org.jspecify.annotations.NullMarked;
