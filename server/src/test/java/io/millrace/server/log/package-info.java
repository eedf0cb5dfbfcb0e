/** Tests of the log's format. */
@NullMarked
package io.millrace.server.log;

import org.jspecify.annotations.NullMarked;
