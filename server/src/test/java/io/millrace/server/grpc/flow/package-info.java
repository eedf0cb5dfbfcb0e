/** Tests of {@code io.millrace.server.grpc.flow}. */
@NullMarked
package io.millrace.server.grpc.flow;

import org.jspecify.annotations.NullMarked;
