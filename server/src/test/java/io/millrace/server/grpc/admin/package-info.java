/** Tests of {@code io.millrace.server.grpc.admin}. */
@NullMarked
package io.millrace.server.grpc.admin;

import org.jspecify.annotations.NullMarked;
