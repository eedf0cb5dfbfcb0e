/** Tests of {@code io.millrace.kafka.group}. */
@NullMarked
package io.millrace.kafka.group;

import org.jspecify.annotations.NullMarked;
