@NullMarked
package io.millrace.server.grpc.call;

import org.jspecify.annotations.NullMarked;
