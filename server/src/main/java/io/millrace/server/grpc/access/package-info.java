/** Authorisation, quotas and audit of gRPC calls. */
@NullMarked
package io.millrace.server.grpc.access;

import org.jspecify.annotations.NullMarked;
