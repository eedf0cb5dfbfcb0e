/** Trace contexts in gRPC calls. */
@NullMarked
package io.millrace.server.grpc.trace;

import org.jspecify.annotations.NullMarked;
