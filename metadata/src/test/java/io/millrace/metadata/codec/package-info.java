/** Tests of {@code io.millrace.metadata.codec}. */
@NullMarked
package io.millrace.metadata.codec;

import org.jspecify.annotations.NullMarked;
