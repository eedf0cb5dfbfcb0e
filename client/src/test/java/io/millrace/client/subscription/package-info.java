/** Tests of {@code io.millrace.client.subscription}. */
@NullMarked
package io.millrace.client.subscription;

import org.jspecify.annotations.NullMarked;
