/** Tests of {@code io.millrace.client.tls}. */
@NullMarked
package io.millrace.client.tls;

import org.jspecify.annotations.NullMarked;
