/** Tests of {@code io.millrace.client.producer}. */
@NullMarked
package io.millrace.client.producer;

import org.jspecify.annotations.NullMarked;
