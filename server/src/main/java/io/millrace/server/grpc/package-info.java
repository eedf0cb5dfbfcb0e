/** gRPC endpoint of a node. */
@NullMarked
package io.millrace.server.grpc;

import org.jspecify.annotations.NullMarked;
