/** Tests of {@code io.millrace.client.record}. */
@NullMarked
package io.millrace.client.record;

import org.jspecify.annotations.NullMarked;
