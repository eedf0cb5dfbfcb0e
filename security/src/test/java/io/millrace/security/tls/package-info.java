/** Tests of TLS settings and of reloading. */
@NullMarked
package io.millrace.security.tls;

import org.jspecify.annotations.NullMarked;
