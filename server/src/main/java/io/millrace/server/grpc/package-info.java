/** The gRPC edge: decodes requests over the transport's buffers, and encodes answers into them. */
@NullMarked
package io.millrace.server.grpc;

import org.jspecify.annotations.NullMarked;
