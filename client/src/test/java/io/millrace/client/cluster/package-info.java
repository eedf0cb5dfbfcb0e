/** Tests of {@code io.millrace.client.cluster}. */
@NullMarked
package io.millrace.client.cluster;

import org.jspecify.annotations.NullMarked;
