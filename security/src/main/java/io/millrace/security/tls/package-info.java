/** TLS of servers, for all protocols: settings, and certificates that are reloaded. */
@NullMarked
package io.millrace.security.tls;

import org.jspecify.annotations.NullMarked;
