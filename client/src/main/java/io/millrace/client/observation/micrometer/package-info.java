/** Metrics of a client in a Micrometer registry. Requires micrometer-core. */
@NullMarked
package io.millrace.client.observation.micrometer;

import org.jspecify.annotations.NullMarked;
