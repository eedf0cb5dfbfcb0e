/** gRPC services between nodes. */
@NullMarked
package io.millrace.server.grpc.peer;

import org.jspecify.annotations.NullMarked;
