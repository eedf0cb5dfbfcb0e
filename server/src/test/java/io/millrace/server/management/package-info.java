/** Tests of health checks. */
@NullMarked
package io.millrace.server.management;

import org.jspecify.annotations.NullMarked;
