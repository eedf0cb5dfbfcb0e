/** Handlers of requests that append records. */
@NullMarked
package io.millrace.kafka.produce;

import org.jspecify.annotations.NullMarked;
