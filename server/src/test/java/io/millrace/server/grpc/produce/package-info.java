/** Tests of {@code io.millrace.server.grpc.produce}. */
@NullMarked
package io.millrace.server.grpc.produce;

import org.jspecify.annotations.NullMarked;
