/** Tests of {@code io.millrace.server.grpc.auth}. */
@NullMarked
package io.millrace.server.grpc.auth;

import org.jspecify.annotations.NullMarked;
