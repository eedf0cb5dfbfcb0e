/** Tests of {@code io.millrace.server.grpc.fetch}. */
@NullMarked
package io.millrace.server.grpc.fetch;

import org.jspecify.annotations.NullMarked;
