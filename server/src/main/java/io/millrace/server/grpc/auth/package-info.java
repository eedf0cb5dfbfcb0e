/** Authentication of the calls of clients, and of nodes among themselves. */
@NullMarked
package io.millrace.server.grpc.auth;

import org.jspecify.annotations.NullMarked;
