/** Tests of {@code io.millrace.server.grpc.peer}. */
@NullMarked
package io.millrace.server.grpc.peer;

import org.jspecify.annotations.NullMarked;
