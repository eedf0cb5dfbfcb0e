/** gRPC services for administration, which only translate messages. */
@NullMarked
package io.millrace.server.grpc.admin;

import org.jspecify.annotations.NullMarked;
