/** Static tokens from a file. */
@NullMarked
package io.millrace.security.authentication.token;

import org.jspecify.annotations.NullMarked;
