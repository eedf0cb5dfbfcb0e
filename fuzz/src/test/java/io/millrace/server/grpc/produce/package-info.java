@NullMarked
package io.millrace.server.grpc.produce;

import org.jspecify.annotations.NullMarked;
