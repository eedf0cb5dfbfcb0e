/** TLS of gRPC connections: certificates from files, read again when they change. */
@NullMarked
package io.millrace.client.tls;

import org.jspecify.annotations.NullMarked;
