/** Tests of TLS on the gRPC port. */
@NullMarked
package io.millrace.server.grpc.tls;

import org.jspecify.annotations.NullMarked;
