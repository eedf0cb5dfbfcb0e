/** Tests of {@code io.millrace.server.node}. */
@NullMarked
package io.millrace.server.node;

import org.jspecify.annotations.NullMarked;
