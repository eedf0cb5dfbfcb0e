/** TLS of the gRPC port and of calls to other nodes. */
@NullMarked
package io.millrace.server.grpc.tls;

import org.jspecify.annotations.NullMarked;
