/** Tests of {@code io.millrace.client.connection}. */
@NullMarked
package io.millrace.client.connection;

import org.jspecify.annotations.NullMarked;
