/**
 * Flow control of gRPC connections: memory limits of inbound requests, connection windows and the
 * budget of outbound responses.
 */
@NullMarked
package io.millrace.server.grpc.flow;

import org.jspecify.annotations.NullMarked;
