/**
 * Metrics and traces of a client. Without dependencies: the exporters have packages of their own.
 */
@NullMarked
package io.millrace.client.observation;

import org.jspecify.annotations.NullMarked;
