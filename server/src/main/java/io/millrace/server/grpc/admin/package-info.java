/** gRPC services for administration. They translate messages and contain no logic of their own. */
@NullMarked
package io.millrace.server.grpc.admin;

import org.jspecify.annotations.NullMarked;
