/** Turns credentials into principals. */
@NullMarked
package io.millrace.security.authentication;

import org.jspecify.annotations.NullMarked;
