/** Tests of health checks. */
@NullMarked
package io.millrace.server.http;

import org.jspecify.annotations.NullMarked;
