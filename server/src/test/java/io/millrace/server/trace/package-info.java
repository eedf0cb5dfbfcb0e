@NullMarked
package io.millrace.server.trace;

import org.jspecify.annotations.NullMarked;
