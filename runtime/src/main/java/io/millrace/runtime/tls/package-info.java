/** Certificates and keys in PEM files, for servers and clients. */
@NullMarked
package io.millrace.runtime.tls;

import org.jspecify.annotations.NullMarked;
