/** Content of the management port: health checks and process metrics. */
@NullMarked
package io.millrace.server.management;

import org.jspecify.annotations.NullMarked;
