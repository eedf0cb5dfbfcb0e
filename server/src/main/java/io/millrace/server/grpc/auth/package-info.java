/** Authentication of nodes among themselves. */
@NullMarked
package io.millrace.server.grpc.auth;

import org.jspecify.annotations.NullMarked;
