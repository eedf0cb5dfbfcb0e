/** Senders of requests, the same for all protocols. */
@NullMarked
package io.millrace.security.principal;

import org.jspecify.annotations.NullMarked;
