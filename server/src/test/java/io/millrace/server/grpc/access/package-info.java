@NullMarked
package io.millrace.server.grpc.access;

import org.jspecify.annotations.NullMarked;
