/** Turns credentials into principals, for all protocols. */
@NullMarked
package io.millrace.security.authentication;

import org.jspecify.annotations.NullMarked;
