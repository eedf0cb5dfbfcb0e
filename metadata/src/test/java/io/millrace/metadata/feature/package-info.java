/** Tests of {@code io.millrace.metadata.feature}. */
@NullMarked
package io.millrace.metadata.feature;

import org.jspecify.annotations.NullMarked;
