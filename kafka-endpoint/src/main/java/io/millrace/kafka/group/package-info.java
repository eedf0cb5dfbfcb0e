/** Handlers of requests of consumer groups. */
@NullMarked
package io.millrace.kafka.group;

import org.jspecify.annotations.NullMarked;
