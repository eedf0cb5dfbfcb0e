/** Common parts of gRPC calls: marshalling, decoding, errors and the base of unary calls. */
@NullMarked
package io.millrace.server.grpc.call;

import org.jspecify.annotations.NullMarked;
