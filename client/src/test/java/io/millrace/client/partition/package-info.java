/** Tests of {@code io.millrace.client.partition}. */
@NullMarked
package io.millrace.client.partition;

import org.jspecify.annotations.NullMarked;
