/** The format of the server's log. */
@NullMarked
package io.millrace.server.log;

import org.jspecify.annotations.NullMarked;
