/** gRPC services between nodes: chunks of a zone, block announcements and group sessions. */
@NullMarked
package io.millrace.server.grpc.peer;

import org.jspecify.annotations.NullMarked;
