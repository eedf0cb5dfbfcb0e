/** Tests of certificates and keys, and a certificate authority for tests. */
@NullMarked
package io.millrace.runtime.tls;

import org.jspecify.annotations.NullMarked;
