/** Handlers of requests that read records and look up offsets. */
@NullMarked
package io.millrace.kafka.fetch;

import org.jspecify.annotations.NullMarked;
