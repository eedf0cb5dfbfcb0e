/** Flow control of gRPC connections. */
@NullMarked
package io.millrace.server.grpc.flow;

import org.jspecify.annotations.NullMarked;
