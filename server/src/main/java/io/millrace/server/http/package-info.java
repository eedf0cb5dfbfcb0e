/** HTTP endpoints: health checks and process metrics. */
@NullMarked
package io.millrace.server.http;

import org.jspecify.annotations.NullMarked;
