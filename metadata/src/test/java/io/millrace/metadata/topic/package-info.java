/** Tests of {@code io.millrace.metadata.topic}. */
@NullMarked
package io.millrace.metadata.topic;

import org.jspecify.annotations.NullMarked;
