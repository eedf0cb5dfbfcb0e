/** gRPC services that read records: fetches and subscriptions. */
@NullMarked
package io.millrace.server.grpc.fetch;

import org.jspecify.annotations.NullMarked;
