/** Common parts of gRPC calls: marshalling, errors and unary calls. */
@NullMarked
package io.millrace.server.grpc.call;

import org.jspecify.annotations.NullMarked;
