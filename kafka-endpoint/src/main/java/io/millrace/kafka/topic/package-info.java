/** Handlers of requests that administrate topics and settings. */
@NullMarked
package io.millrace.kafka.topic;

import org.jspecify.annotations.NullMarked;
