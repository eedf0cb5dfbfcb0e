/** The gRPC services for administration. They translate requests and decide nothing. */
@NullMarked
package io.millrace.server.grpc.admin;

import org.jspecify.annotations.NullMarked;
